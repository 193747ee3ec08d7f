using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>What each operation makes of a request, and of what its grain answers.</summary>
public sealed partial class Operations_over_fake_grains
{
    private readonly FakeGrains _grains = new();
    private readonly FakeTimeProvider _time = new(AJob.Noon);

    [Fact]
    public async Task CreateJob_hands_plain_settings_to_the_grain_of_the_job()
    {
        await Answer(
            "CreateJob",
            """{"Name":"a/b","Role":"r","Command":{"Name":"glueetl"},"Tags":{"k":"v"},"ProfileName":"small","MaxCapacity":10,"CodeGenConfigurationNodes":{"n": {"x":[1]}}}"""
        );

        Assert.Equal("000000000000/a/b", _grains.Key);
        Assert.Equal(typeof(JobSettings), _grains.Settings?.GetType());
        Assert.Equal(10, _grains.Settings?.MaxCapacity);
        Assert.Equal("""{"n": {"x":[1]}}""", _grains.Settings?.CodeGenConfigurationNodes);
        Assert.Equal("v", _grains.Tags?["k"]);
        Assert.Equal("small", _grains.ProfileName);
    }

    [Fact]
    public async Task GetJob_writes_settings_name_and_times_in_seconds()
    {
        _grains.Jobs["job"] = AJob.Named("job");
        var json = await Answer("GetJob", """{"JobName":"job"}""");
        var expected = JsonNode.Parse(
            """
            {"Job":{"Name":"job","CreatedOn":1772366400,"LastModifiedOn":1772366400.255,"Role":"role",
            "Command":{"Name":"pythonshell","ScriptLocation":"job.py"},"MaxCapacity":10}}
            """
        );
        Assert.True(JsonNode.DeepEquals(expected, json), json.ToJsonString());
    }

    [Fact]
    public async Task GetJob_of_no_job_has_the_text_clients_match()
    {
        var error = await Error("GetJob", """{"JobName":"job"}""");
        Assert.Equal(AwsErrors.Refused(Refusal.NotFound("Job with name: job not found.")), error);
    }

    [Theory]
    [InlineData("GetJobs", 1)]
    [InlineData("GetJobs", 3)]
    [InlineData("ListJobs", 2)]
    [InlineData("ListJobs", 7)]
    public async Task Listings_of_jobs_go_through_all_pages_once(string operation, int pageSize)
    {
        for (var i = 0; i < 7; i++)
            _grains.Jobs[$"job{i}"] = i == 4 && operation == "GetJobs" ? null : AJob.Named($"job{i}");

        var names = await AllPages(
            operation,
            $"\"MaxResults\":{pageSize}",
            page =>
                page["Jobs"]?.AsArray().Select(job => (string)job!["Name"]!)
                ?? page["JobNames"]!.AsArray().Select(name => (string)name!)
        );
        var expected = _grains.Jobs.Where(job => job.Value is not null).Select(job => job.Key);
        Assert.Equal(expected, names);
    }

    [Fact]
    public async Task ListJobs_with_tags_names_the_jobs_that_have_all_of_them()
    {
        var tags = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" };
        _grains.Jobs["both"] = AJob.Named("both") with { Tags = tags };
        _grains.Jobs["one"] = AJob.Named("one") with { Tags = new Dictionary<string, string> { ["a"] = "1" } };
        _grains.Jobs["other"] = AJob.Named("other") with
        {
            Tags = new Dictionary<string, string> { ["a"] = "1", ["b"] = "3" },
        };

        var names = await AllPages(
            "ListJobs",
            "\"MaxResults\":1,\"Tags\":{\"b\":\"2\",\"a\":\"1\"}",
            page => page["JobNames"]!.AsArray().Select(name => (string)name!)
        );
        Assert.Equal(["both"], names);
    }

    [Fact]
    public async Task A_token_of_another_filter_is_refused()
    {
        _grains.Jobs["a"] = AJob.Named("a");
        _grains.Jobs["b"] = AJob.Named("b");
        var token = (string)(await Answer("ListJobs", """{"MaxResults":1}"""))["NextToken"]!;
        var error = await Error("ListJobs", $$$"""{"NextToken":"{{{token}}}","Tags":{"k":"v"}}""");
        Assert.Equal("InvalidInputException", error.Code);
        Assert.Contains("NextToken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BatchGetJobs_answers_each_name_once_in_the_order_of_the_request()
    {
        _grains.Jobs["a"] = AJob.Named("a");
        _grains.Jobs["b"] = AJob.Named("b");
        var json = await Answer("BatchGetJobs", """{"JobNames":["y","b","a","b","x","y"]}""");
        Assert.Equal(["b", "a"], json["Jobs"]!.AsArray().Select(job => (string)job!["Name"]!));
        Assert.Equal("""["y","x"]""", json["JobsNotFound"]!.ToJsonString());
    }

    [Fact]
    public async Task BatchGetJobs_of_too_many_names_is_refused_with_their_number()
    {
        var names = string.Join(',', Enumerable.Repeat("\"n\"", BatchGetJobs.MaxNames + 1));
        var error = await Error("BatchGetJobs", $$"""{"JobNames":[{{names}}]}""");
        Assert.Equal("InvalidInputException", error.Code);
        Assert.Contains("1001", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartJobRun_passes_every_member_on()
    {
        var json = Requests.Good(ShapeTable.Glue.Operations["StartJobRun"].Input).ToJsonString();
        var answer = await Answer("StartJobRun", json);
        Assert.Equal("jr_1", (string?)answer["JobRunId"]);
        Assert.Null(_grains.StartRequest!.TriggerName); // no client's to say
        Assert.All(
            typeof(StartRun).GetProperties().Where(property => property.Name != nameof(StartRun.TriggerName)),
            property => Assert.NotNull(property.GetValue(_grains.StartRequest))
        );
    }

    [Fact]
    public async Task A_refusal_of_the_grain_becomes_its_modelled_error()
    {
        _grains.Started = new Refusal(RefusalKind.ConcurrentRunsExceeded, "Concurrent runs exceeded for job");
        var error = await Error("StartJobRun", """{"JobName":"job"}""");
        Assert.Equal(
            new AwsError("ConcurrentRunsExceededException", 400, "Message", "Concurrent runs exceeded for job"),
            error
        );
    }

    [Fact]
    public async Task A_run_that_has_just_been_accepted_shows_what_clients_read_at_once()
    {
        _grains.Runs.Add(ARun.Number(1));
        var json = await Answer("GetJobRun", """{"JobName":"job","RunId":"jr_1","PredecessorsIncluded":true}""");
        var expected = JsonNode.Parse(
            """
            {"JobRun":{"Id":"jr_1","Attempt":0,"JobName":"job","JobMode":"SCRIPT","JobRunQueuingEnabled":false,
            "StartedOn":1772366400,"LastModifiedOn":1772366400,"JobRunState":"STARTING","PredecessorRuns":[],
            "AllocatedCapacity":0,"ExecutionTime":0,"Timeout":0,"MaxCapacity":0.0625,"LogGroupName":"/aws-glue/python-jobs"}}
            """
        );
        Assert.True(JsonNode.DeepEquals(expected, json), json.ToJsonString());
    }

    [Theory]
    [InlineData(0, null, 27, 27)]
    [InlineData(10, 42.9, 1000, 32)]
    [InlineData(60, null, 27, 0)]
    public async Task Execution_time_counts_whole_seconds_from_when_the_script_began(
        double began,
        double? ended,
        double now,
        int expected
    )
    {
        _grains.Runs.Add(
            ARun.Number(1) with
            {
                State = ended is null ? JobRunState.Running : JobRunState.Succeeded,
                RunningSince = AJob.Noon.AddSeconds(began),
                CompletedOn = ended is { } end ? AJob.Noon.AddSeconds(end) : null,
            }
        );
        _time.SetUtcNow(AJob.Noon.AddSeconds(now));
        var json = await Answer("GetJobRun", """{"JobName":"job","RunId":"jr_1"}""");
        Assert.Equal(expected, (int)json["JobRun"]!["ExecutionTime"]!);
    }

    [Theory]
    [InlineData("FLEX", null, 112.0)]
    [InlineData(null, "true", 112.0)]
    [InlineData("STANDARD", "True", 112.0)]
    [InlineData(null, "false", null)]
    [InlineData("STANDARD", null, null)]
    [InlineData(null, null, null)]
    public async Task DPU_seconds_are_shown_for_flex_and_auto_scaled_runs(
        string? executionClass,
        string? autoScaling,
        double? expected
    )
    {
        var run = ARun.Number(1);
        var arguments = new Dictionary<string, string>();
        if (autoScaling is not null)
            arguments["--enable-auto-scaling"] = autoScaling;
        _grains.Runs.Add(
            run with
            {
                State = JobRunState.Running,
                RunningSince = AJob.Noon.AddSeconds(4),
                Settings = run.Settings with
                {
                    ExecutionClass = executionClass,
                    ScriptArguments = arguments,
                    WorkerType = "G.2X",
                    NumberOfWorkers = 2,
                    MaxCapacity = 4,
                },
            }
        );
        _time.SetUtcNow(AJob.Noon.AddSeconds(32.9));
        var json = await Answer("GetJobRun", """{"JobName":"job","RunId":"jr_1"}""");
        Assert.Equal(expected, (double?)json["JobRun"]!["DPUSeconds"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(10)]
    public async Task GetJobRuns_goes_through_the_history_newest_first(int pageSize)
    {
        for (var ordinal = 10; ordinal > 0; ordinal--)
            _grains.Runs.Add(ARun.Number(ordinal));
        var ids = await AllPages(
            "GetJobRuns",
            $"\"JobName\":\"job\",\"MaxResults\":{pageSize}",
            page => page["JobRuns"]!.AsArray().Select(run => (string)run!["Id"]!)
        );
        Assert.Equal(_grains.Runs.Select(run => run.Id), ids);
    }

    [Fact]
    public async Task A_token_of_another_job_or_another_account_is_refused()
    {
        _grains.Runs.AddRange([ARun.Number(2), ARun.Number(1)]);
        var token = (string)(await Answer("GetJobRuns", """{"JobName":"job","MaxResults":1}"""))["NextToken"]!;
        var other = await Error("GetJobRuns", $$"""{"JobName":"other","NextToken":"{{token}}"}""");
        Assert.Equal("InvalidInputException", other.Code);
        var foreign = await Handle("GetJobRuns", $$"""{"JobName":"job","NextToken":"{{token}}"}""", "111111111111");
        Assert.Equal("InvalidInputException", foreign.Error?.Code);
    }

    [Fact]
    public async Task A_forged_token_with_a_position_that_is_none_is_refused()
    {
        var token = new PageToken("GetJobRuns", "000000000000", "job").After("x");
        var error = await Error("GetJobRuns", $$"""{"JobName":"job","NextToken":"{{token}}"}""");
        Assert.Equal("InvalidInputException", error.Code);
    }

    [Fact]
    public async Task BatchStopJobRun_answers_every_id_with_status_200()
    {
        _grains.Stops["jr_go"] = StopRunResult.Submitted;
        _grains.Stops["jr_old"] = StopRunResult.AlreadyEnded;
        _grains.Stops["jr_no"] = StopRunResult.NotFound;
        var json = await Answer(
            "BatchStopJobRun",
            """{"JobName":"job","JobRunIds":["jr_go","jr_old","jr_no","jr_go"]}"""
        );
        Assert.Equal(
            ["jr_go", "jr_go"],
            json["SuccessfulSubmissions"]!.AsArray().Select(run => (string)run!["JobRunId"]!)
        );
        Assert.Equal(
            ["jr_old JobRunInTerminalStateException", "jr_no EntityNotFoundException"],
            json["Errors"]!.AsArray().Select(error => $"{error!["JobRunId"]} {error["ErrorDetail"]!["ErrorCode"]}")
        );
    }

    [Fact]
    public async Task BatchStopJobRun_writes_both_lists_even_when_empty()
    {
        _grains.Stops["jr_go"] = StopRunResult.Submitted;
        var json = await Answer("BatchStopJobRun", """{"JobName":"job","JobRunIds":["jr_go"]}""");
        Assert.Empty(json["Errors"]!.AsArray());
    }

    private async Task<List<string>> AllPages(
        string operation,
        string parameters,
        Func<JsonNode, IEnumerable<string>> entries
    )
    {
        var all = new List<string>();
        var next = "";
        // Far more pages than there are: a listing that does not progress fails instead of running for ever.
        for (var pages = 0; pages < 50; pages++)
        {
            var page = await Answer(operation, "{" + parameters + next + "}");
            all.AddRange(entries(page));
            if (page["NextToken"] is not { } token)
                return all;
            next = string.Create(CultureInfo.InvariantCulture, $",\"NextToken\":\"{token}\"");
        }

        throw new InvalidOperationException($"{operation} gave out a NextToken 50 times.");
    }

    private async Task<JsonNode> Answer(string operation, string json)
    {
        var answer = await Handle(operation, json);
        Assert.Null(answer.Error);
        return JsonNode.Parse(answer.Body)!;
    }

    private async Task<AwsError> Error(string operation, string json)
    {
        var answer = await Handle(operation, json);
        Assert.NotNull(answer.Error);
        return answer.Error;
    }

    private Task<AwsAnswer> Handle(string operation, string json, string account = "000000000000") =>
        new GlueService(FakeGrains.OperationsOver(_grains, _time)).Handle(
            operation,
            Encoding.UTF8.GetBytes(json),
            new Caller(account, InvocationId: "call-1")
        );
}
