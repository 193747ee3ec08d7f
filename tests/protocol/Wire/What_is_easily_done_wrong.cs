using System.Net;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

/// <summary>
/// The traps of glue-behaviour.md 11, a test for each that concerns job runs, in its order; what takes a server with
/// settings of its own is in What_is_easily_done_wrong.Servers.cs. Other tests go deeper into each of them.
/// </summary>
/// <remarks>
/// Not here: 11.19, 11.20, 11.25 and what 11.9 says of triggers, since nothing here fires a trigger (the cluster's tests
/// start runs as one would), and signatures (11.4), which are not checked.
/// </remarks>
public sealed partial class What_is_easily_done_wrong(SharedServer shared)
{
    private const string Sleeps = "import time\ntime.sleep(120)\n";

    private readonly GlueUser _user = shared.NewAccount();

    /// <summary>glue-behaviour.md 11.1</summary>
    [Fact]
    public async Task The_code_of_an_error_is_in_the_body()
    {
        var answer = await _user.Try("GetJob", new { JobName = "none" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("EntityNotFoundException", (string?)answer.Json["__type"]);
    }

    /// <summary>glue-behaviour.md 11.2</summary>
    [Fact]
    public async Task The_times_of_a_run_are_numbers_of_seconds()
    {
        var run = await _user.EndedRunOf(await _user.AJob(""));
        foreach (var member in new[] { "StartedOn", "LastModifiedOn", "CompletedOn" })
            Assert.Matches(@"^\d{10}(\.\d{1,3})?$", run[member]!.ToJsonString());
    }

    /// <summary>glue-behaviour.md 11.3: each of these passes botocore's own checks.</summary>
    [Fact]
    public async Task Maxima_enums_and_patterns_are_checked_here()
    {
        var job = await _user.AJob("");
        await AssertInvalid("GetJobRuns", new { JobName = job, MaxResults = 201 }, "maxResults");
        await AssertInvalid("StartJobRun", new { JobName = job, ExecutionClass = "WRONG" }, "executionClass");
        await AssertInvalid("BatchStopJobRun", new { JobName = job, JobRunIds = Ids(26) }, "jobRunIds");
        await AssertInvalid(
            "CreateJob",
            new
            {
                Name = "refused",
                Role = "any",
                Command = new { Name = "glueetl" },
                MaintenanceWindow = "Someday:10",
            },
            "maintenanceWindow"
        );
        Assert.Empty(await _user.Runs(job));

        async Task AssertInvalid(string operation, object request, string member) =>
            AssertError(await _user.Try(operation, request), "ValidationException", $"'{member}'");

        static string[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => $"jr_{i}")];
    }

    /// <summary>glue-behaviour.md 11.4: Python's spacing, no X-Amz-Content-Sha256, and signed headers as SDKs choose them.</summary>
    [Theory]
    [InlineData("content-type;host;x-amz-date;x-amz-target")]
    [InlineData("amz-sdk-invocation-id;amz-sdk-request;content-length;host;x-amz-date")]
    public async Task Neither_a_hash_of_the_body_nor_one_list_of_signed_headers_is_demanded(string signedHeaders)
    {
        var job = await _user.AJob("");
        var answer = await _user.Post(
            "AWSGlue.StartJobRun",
            new StringContent($$"""{"JobName":  "{{job}}" , "Timeout": 5}"""),
            request =>
            {
                request.Headers.Remove("Authorization");
                request.Headers.TryAddWithoutValidation(
                    "Authorization",
                    $"AWS4-HMAC-SHA256 Credential={_user.Account}/20260101/us-east-1/glue/aws4_request, "
                        + $"SignedHeaders={signedHeaders}, Signature=0"
                );
                request.Headers.Add("X-Amz-Date", "20260101T000000Z");
            }
        );
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        Assert.Equal(5, (int)(await _user.Run(job, (string)answer.Json["JobRunId"]!))["Timeout"]!);
    }

    /// <summary>glue-behaviour.md 11.7</summary>
    [Fact]
    public async Task A_run_shows_its_own_arguments_and_its_script_gets_them_key_by_key_over_the_defaults()
    {
        var job = await _user.AJob(
            "import sys\nfrom awsglue.utils import getResolvedOptions\n"
                + "o = getResolvedOptions(sys.argv, ['a', 'b', 'c'])\nprint(o['a'], o['b'], o['c'])\n",
            job =>
            {
                job["DefaultArguments"] = new JsonObject { ["--a"] = "job", ["--b"] = "job" };
                job["NonOverridableArguments"] = new JsonObject { ["--c"] = "job" };
            }
        );
        var sent = new JsonObject { ["--b"] = "run", ["--c"] = "run" };

        var run = await _user.EndedRunOf(job, sent);
        Assert.True(JsonNode.DeepEquals(sent, run["Arguments"]), run.ToJsonString());
        Assert.Equal("job run job\n", _user.Server.Output((string)run["Id"]!));
        Assert.False((await _user.Run(job, await _user.StartRun(job))).ContainsKey("Arguments"));
    }

    /// <summary>glue-behaviour.md 11.8</summary>
    [Fact]
    public async Task A_missing_job_is_told_in_other_words_to_who_would_start_it()
    {
        var request = new { JobName = "none" };
        AssertError(
            await _user.Try("StartJobRun", request),
            "EntityNotFoundException",
            "Failed to start job run due to missing metadata"
        );
        AssertError(await _user.Try("GetJob", request), "EntityNotFoundException", "Job with name: none not found.");
    }

    /// <summary>glue-behaviour.md 11.9</summary>
    [Fact]
    public async Task A_start_over_the_limit_is_an_exception_and_no_run()
    {
        var job = await _user.AJob(Sleeps);
        var only = await _user.StartRun(job);
        AssertError(
            await _user.Try("StartJobRun", new { JobName = job }),
            "ConcurrentRunsExceededException",
            $"Concurrent runs exceeded for {job}"
        );
        Assert.Equal(only, (string?)Assert.Single(await _user.Runs(job))["Id"]);
        await _user.Stop(job, only);
    }

    /// <summary>glue-behaviour.md 11.10</summary>
    [Fact]
    public async Task A_batch_of_stops_has_both_lists_whatever_there_is_to_stop()
    {
        var answer = await _user.Stop("none", "jr_1");
        Assert.Empty(answer["SuccessfulSubmissions"]!.AsArray());
        Assert.Equal("jr_1", (string?)Assert.Single(answer["Errors"]!.AsArray())!["JobRunId"]);

        var job = await _user.AJob(Sleeps);
        answer = await _user.Stop(job, await _user.StartRun(job));
        Assert.Single(answer["SuccessfulSubmissions"]!.AsArray());
        Assert.Empty(answer["Errors"]!.AsArray());
    }

    /// <summary>glue-behaviour.md 11.11</summary>
    [Fact]
    public async Task Deleting_a_job_that_is_not_there_succeeds() =>
        Assert.Equal("none", (string?)(await _user.Call("DeleteJob", new { JobName = "none" }))["JobName"]);

    /// <summary>glue-behaviour.md 11.12</summary>
    [Fact]
    public async Task An_update_replaces_all_of_a_job_but_an_absent_GlueVersion()
    {
        var job = await Spark(job =>
        {
            job["GlueVersion"] = "4.0";
            job["Description"] = "before";
            job["MaxRetries"] = 3;
        });
        await _user.Call(
            "UpdateJob",
            new { JobName = job, JobUpdate = new { Role = "any", Command = new { Name = "glueetl" } } }
        );

        var updated = await Job(job);
        Assert.Equal("4.0", (string?)updated["GlueVersion"]);
        Assert.False(updated.ContainsKey("Description"));
        Assert.Equal(0, (int)updated["MaxRetries"]!);
        Assert.False(updated["Command"]!.AsObject().ContainsKey("ScriptLocation"));
    }

    /// <summary>glue-behaviour.md 11.13</summary>
    [Fact]
    public async Task The_log_group_is_there_at_once_and_is_that_of_the_command()
    {
        Assert.Equal("/aws-glue/python-jobs", await LogGroup(await _user.AJob(Sleeps)));
        Assert.Equal("/aws-glue/jobs", await LogGroup(await Spark()));

        async Task<string?> LogGroup(string job)
        {
            var id = await _user.StartRun(job);
            var group = (string?)(await _user.Run(job, id))["LogGroupName"];
            await _user.Stop(job, id);
            return group;
        }
    }

    /// <summary>glue-behaviour.md 11.14, of STOPPED; for TIMEOUT see <see cref="A_retry_is_a_run_of_its_own"/>.</summary>
    [Fact]
    public async Task A_stopped_run_has_an_ErrorMessage()
    {
        var job = await _user.AJob(Sleeps);
        var id = await _user.StartRun(job);
        await _user.Stop(job, id);
        Assert.NotEmpty((string?)(await _user.RunIn("STOPPED", job, id))["ErrorMessage"] ?? "");
    }

    /// <summary>glue-behaviour.md 11.15: the second is what Airflow sends unless it is told otherwise.</summary>
    [Fact]
    public async Task Capacity_is_derived_from_workers_or_stands_alone()
    {
        var byWorkers = await Job(await Spark(job => Workers(job, "G.2X", 5)));
        Assert.Equal((10.0, 10), ((double)byWorkers["MaxCapacity"]!, (int)byWorkers["AllocatedCapacity"]!));

        var byCapacity = await Job(await Spark(job => job["MaxCapacity"] = 10));
        Assert.Equal(10.0, (double)byCapacity["MaxCapacity"]!);
        Assert.False(byCapacity.ContainsKey("WorkerType"));

        var both = ASparkJob();
        Workers(both, "G.2X", 5);
        both["MaxCapacity"] = 10;
        AssertError(await _user.Try("CreateJob", both), "InvalidInputException", "Please do not set Max Capacity");
    }

    /// <summary>glue-behaviour.md 11.16: told by a run that waits before it starts.</summary>
    [Fact]
    public async Task A_run_starts_when_it_is_accepted_and_executes_only_when_its_script_does()
    {
        var go = _user.NewPath();
        var job = await _user.AJob(GlueUser.WaitsFor(go), job => job["JobRunQueuingEnabled"] = true);
        var first = await _user.StartRun(job);
        await _user.RunIn("RUNNING", job, first);
        var before = TimeProvider.System.GetUtcNow();
        var second = await _user.StartRun(job);
        var after = TimeProvider.System.GetUtcNow();
        var executed = (int)(await _user.Run(job, first))["ExecutionTime"]!;
        await Poll.Until(
            () => _user.Run(job, first),
            run => (int)run["ExecutionTime"]! >= executed + 3,
            "the first run has executed for two seconds more"
        );
        await File.WriteAllTextAsync(go, "");

        var run = await _user.RunIn("SUCCEEDED", job, second);
        var started = GlueUser.Time(run, "StartedOn");
        var millisecond = TimeSpan.FromMilliseconds(1);
        Assert.InRange(started, before - millisecond, after + millisecond);
        var whole = (GlueUser.Time(run, "CompletedOn") - started).TotalSeconds;
        Assert.InRange((int)run["ExecutionTime"]!, 0, whole - 1);
    }

    /// <summary>glue-behaviour.md 11.17</summary>
    [Fact]
    public async Task The_default_timeout_goes_by_the_version_and_streaming_has_none()
    {
        Assert.Equal(2880, await Timeout(await Spark(job => job["GlueVersion"] = "4.0")));
        Assert.Equal(480, await Timeout(await Spark(job => job["GlueVersion"] = "5.0")));
        Assert.Equal(2880, await Timeout(await _user.AJob("")));
        Assert.Equal(0, await Timeout(await Spark(job => job["Command"]!["Name"] = "gluestreaming")));

        async Task<int> Timeout(string job)
        {
            var shown = (int?)(await Job(job))["Timeout"] ?? 0;
            Assert.Equal(shown, (int)(await _user.Run(job, await _user.StartRun(job)))["Timeout"]!);
            return shown;
        }
    }

    /// <summary>glue-behaviour.md 11.18</summary>
    [Fact]
    public async Task The_newest_run_comes_first()
    {
        var job = await _user.AJob("");
        List<string> ids = [];
        for (var i = 0; i < 3; i++)
            ids.Insert(0, (string)(await _user.EndedRunOf(job))["Id"]!);
        Assert.Equal(ids, (await _user.Runs(job)).Select(run => (string)run["Id"]!));
    }

    /// <summary>glue-behaviour.md 11.21, of what opts in; for FLEX see <see cref="A_FLEX_run_waits_without_opting_in"/>.</summary>
    [Fact]
    public async Task A_run_queues_as_its_own_flag_says_and_never_with_retries()
    {
        var job = await _user.AJob(Sleeps, job => job["JobRunQueuingEnabled"] = true);
        var running = await _user.StartRun(job);
        var waiting = await _user.StartRun(job);
        Assert.Equal("WAITING", GlueUser.State(await _user.Run(job, waiting)));
        await AssertRefused(new { JobName = job, JobRunQueuingEnabled = false });
        await _user.Stop(job, waiting, running);

        job = await _user.AJob(Sleeps);
        running = await _user.StartRun(job);
        var optedIn = await _user.Call("StartJobRun", new { JobName = job, JobRunQueuingEnabled = true });
        waiting = (string)optedIn["JobRunId"]!;
        Assert.Equal("WAITING", GlueUser.State(await _user.Run(job, waiting)));
        await _user.Stop(job, waiting, running);

        job = await _user.AJob(
            Sleeps,
            job =>
            {
                job["JobRunQueuingEnabled"] = true;
                job["MaxRetries"] = 1;
            }
        );
        running = await _user.StartRun(job);
        await AssertRefused(new { JobName = job });
        await _user.Stop(job, running);

        async Task AssertRefused(object request) =>
            AssertError(await _user.Try("StartJobRun", request), "ConcurrentRunsExceededException");
    }

    /// <summary>glue-behaviour.md 11.22: its token is an integer, 1 when there is no more; and no call writes a bookmark.</summary>
    [Fact]
    public async Task GetJobBookmarks_pages_by_an_integer_and_nothing_puts_a_bookmark()
    {
        var job = await _user.AJob("");
        var answer = await _user.Call("GetJobBookmarks", new { JobName = job, NextToken = 0 });
        Assert.Equal("1", answer["NextToken"]!.ToJsonString());
        Assert.Empty(answer["JobBookmarkEntries"]!.AsArray());
        var asText = new { JobName = job, NextToken = "1" };
        AssertError(await _user.Try("GetJobBookmarks", asText), "SerializationException");
        foreach (var verb in new[] { "Put", "Create", "Update", "Set" })
        {
            var unknown = await _user.Try($"{verb}JobBookmark", new { JobName = job });
            AssertError(unknown, "UnknownOperationException");
        }
    }

    /// <summary>glue-behaviour.md 11.24; for EXPIRED see <see cref="A_streaming_run_is_restarted_without_a_retry"/>.</summary>
    [Fact]
    public async Task A_run_has_one_event_and_that_is_of_its_end()
    {
        var go = _user.NewPath();
        var job = await _user.AJob(GlueUser.WaitsFor(go), job => job["JobRunQueuingEnabled"] = true);
        string[] runs = [await _user.StartRun(job), await _user.StartRun(job), await _user.StartRun(job)];
        await _user.RunIn("RUNNING", job, runs[0]);
        Assert.Equal("WAITING", GlueUser.State(await _user.Run(job, runs[1])));
        await _user.Stop(job, runs[2]);
        await _user.RunIn("STOPPED", job, runs[2]);
        await File.WriteAllTextAsync(go, "");
        await _user.RunIn("SUCCEEDED", job, runs[1]);
        var failed = (string)(await _user.EndedRunOf(await _user.AJob("raise ValueError()\n")))["Id"]!;

        // What happened to a run before its end would have been told before it: with that event, all are there.
        await AssertStatesTold(_user.Server, failed, "FAILED");
        await AssertStatesTold(_user.Server, runs[0], "SUCCEEDED");
        await AssertStatesTold(_user.Server, runs[1], "SUCCEEDED");
        await AssertStatesTold(_user.Server, runs[2], "STOPPED");
    }

    private async Task<JsonObject> Job(string name) =>
        (await _user.Call("GetJob", new { JobName = name }))["Job"]!.AsObject();

    /// <summary>A Spark job that never comes to anything: it has no script.</summary>
    private Task<string> Spark(Action<JsonObject>? with = null) => Spark(_user, "/there/is/no/script.py", with);
}
