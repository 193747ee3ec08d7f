using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>What CloudWatch Logs makes of a request, and of what the grain of a run's logs answers.</summary>
public sealed class Logs_of_runs
{
    private const string Account = "000000000000";
    private const string Group = "/aws-glue/jobs/output";
    private readonly FakeGrains _grains = new();

    [Fact]
    public async Task FilterLogEvents_goes_through_all_pages_once_and_ends_with_an_empty_one()
    {
        Log("jr_1", "a\n", "b\n", "c\n");
        Log("jr_2");
        Log("jr_3", "d\n");
        var (messages, sizes) = (new List<string>(), new List<int>());
        string? token = null;
        do
        {
            var page = await Answer("FilterLogEvents", Filter(["jr_1", "jr_2", "jr_3"], token, limit: 2));
            var events = page["events"]!.AsArray();
            sizes.Add(events.Count);
            messages.AddRange(events.Select(e => (string)e!["message"]!));
            Assert.Equal(events.Count == 0, page["nextToken"] is null);
            token = (string?)page["nextToken"];
        } while (token is not null);

        Assert.Equal(["a\n", "b\n", "c\n", "d\n"], messages);
        Assert.Equal([2, 1, 1, 0], sizes);
    }

    [Fact]
    public async Task FilterLogEvents_goes_on_from_the_last_token_when_the_log_has_grown()
    {
        var lines = Log("jr_1", "a\n");
        var token = (string?)(await Answer("FilterLogEvents", Filter(["jr_1"])))["nextToken"];
        Assert.Empty((await Answer("FilterLogEvents", Filter(["jr_1"], token)))["events"]!.AsArray());
        lines.Add("b\n");
        var more = (await Answer("FilterLogEvents", Filter(["jr_1"], token)))["events"]!.AsArray();
        Assert.Equal("b\n", (string?)Assert.Single(more)!["message"]);
    }

    [Fact]
    public async Task An_event_has_its_stream_an_id_of_its_own_and_the_times_it_lies_between()
    {
        Log("jr_1", "same\n", "same\n");
        var events = (await Answer("FilterLogEvents", Filter(["jr_1"])))["events"]!.AsArray();
        Assert.Equal(2, events.Select(e => (string?)e!["eventId"]).Distinct().Count());
        Assert.Equal("jr_1", (string?)events[0]!["logStreamName"]);
        Assert.Equal(FakeGrains.LogBegan.ToUnixTimeMilliseconds(), (long)events[0]!["timestamp"]!);
        Assert.Equal(FakeGrains.LogWritten.ToUnixTimeMilliseconds(), (long)events[0]!["ingestionTime"]!);
    }

    [Fact]
    public async Task GetLogEvents_begins_with_the_newest_and_goes_back_to_the_oldest()
    {
        Log("jr_1", "a\n", "b\n", "c\n");
        var newest = await Answer("GetLogEvents", Get(limit: 2));
        Assert.Equal(["b\n", "c\n"], Messages(newest));
        var older = await Answer("GetLogEvents", Get((string?)newest["nextBackwardToken"], limit: 2));
        Assert.Equal(["a\n"], Messages(older));
        var token = (string?)older["nextBackwardToken"];
        var none = await Answer("GetLogEvents", Get(token, limit: 2));
        Assert.Empty(Messages(none));
        Assert.Equal(token, (string?)none["nextBackwardToken"]);
        var back = await Answer("GetLogEvents", Get((string?)older["nextForwardToken"], limit: 2));
        Assert.Equal(["b\n", "c\n"], Messages(back));
    }

    [Fact]
    public async Task GetLogEvents_from_the_head_returns_the_token_it_got_at_the_end_until_there_is_more()
    {
        var lines = Log("jr_1", "a\n", "b\n");
        var first = await Answer("GetLogEvents", Get(limit: 1, fromHead: true));
        Assert.Equal(["a\n"], Messages(first));
        var last = await Answer("GetLogEvents", Get((string?)first["nextForwardToken"]));
        Assert.Equal(["b\n"], Messages(last));
        var token = (string?)last["nextForwardToken"];
        var end = await Answer("GetLogEvents", Get(token));
        Assert.Empty(Messages(end));
        Assert.Equal(token, (string?)end["nextForwardToken"]);
        lines.Add("c\n");
        Assert.Equal(["c\n"], Messages(await Answer("GetLogEvents", Get(token))));
    }

    /// <summary>In milliseconds around the time between the run's start (0) and the last write (60,000).</summary>
    [Theory]
    [InlineData(null, null, true, true)]
    [InlineData(0, 60_000, true, true)]
    [InlineData(60_000, null, true, true)]
    [InlineData(60_001, null, false, false)]
    [InlineData(null, 1, true, true)]
    [InlineData(null, 0, true, false)]
    [InlineData(null, -1, false, false)]
    public async Task Events_are_left_out_only_for_a_time_that_none_can_have(int? from, int? to, bool filter, bool get)
    {
        Log("jr_1", "a\n");
        var (filtered, got) = (Filter(["jr_1"]), Get());
        foreach (var request in new[] { filtered, got })
        {
            if (from is not null)
                request["startTime"] = FakeGrains.LogBegan.ToUnixTimeMilliseconds() + from;
            if (to is not null)
                request["endTime"] = FakeGrains.LogBegan.ToUnixTimeMilliseconds() + to;
        }

        Assert.Equal(filter, (await Answer("FilterLogEvents", filtered))["events"]!.AsArray().Count == 1);
        Assert.Equal(get, (await Answer("GetLogEvents", got))["events"]!.AsArray().Count == 1);
    }

    [Theory]
    [InlineData("000000000000", Group, "jr_2")]
    [InlineData("000000000000", Group, " \u2028")] // no key of a grain
    [InlineData("000000000000", "/aws-glue/jobs/error", "jr_1")]
    [InlineData("111111111111", Group, "jr_1")]
    public async Task What_the_account_does_not_have_is_ResourceNotFound(string account, string group, string stream)
    {
        Log("jr_1", "a\n");
        foreach (var (operation, request) in new[] { ("FilterLogEvents", Filter([stream])), ("GetLogEvents", Get()) })
        {
            request["logGroupName"] = group;
            if (operation == "GetLogEvents")
                request["logStreamName"] = stream;
            var error = (await Handle(operation, request, account)).Error;
            Assert.Equal(("ResourceNotFoundException", 400), (error?.Code, error?.Status));
        }
    }

    [Theory]
    [InlineData("FilterLogEvents", """{"logStreamNames":["jr_1"]}""", "logGroupName")]
    [InlineData("FilterLogEvents", """{"logGroupName":"g"}""", "logStreamNames")]
    [InlineData("FilterLogEvents", """{"logGroupName":"g","logStreamNames":[]}""", "logStreamNames")]
    [InlineData("FilterLogEvents", """{"logGroupName":"g","logStreamNames":[null]}""", "logStreamNames")]
    [InlineData("FilterLogEvents", """{"logGroupName":"g","logStreamNames":["a"],"limit":10001}""", "limit")]
    [InlineData(
        "FilterLogEvents",
        """{"logGroupName":"g","logStreamNames":["a"],"filterPattern":"x"}""",
        "filterPattern"
    )]
    [InlineData("FilterLogEvents", """{"logGroupName":"g","logStreamNames":["a"],"nextToken":"x"}""", "nextToken")]
    [InlineData("GetLogEvents", """{"logStreamName":"a"}""", "logGroupName")]
    [InlineData("GetLogEvents", """{"logGroupName":"g"}""", "logStreamName")]
    [InlineData("GetLogEvents", """{"logGroupName":"g","logStreamName":"a","limit":0}""", "limit")]
    [InlineData("GetLogEvents", """{"logGroupName":"g","logStreamName":"a","nextToken":"f/1"}""", "nextToken")]
    public async Task What_cannot_be_answered_is_named(string operation, string request, string member)
    {
        var error = (await Handle(operation, JsonNode.Parse(request)!.AsObject(), Account)).Error;
        Assert.Equal("InvalidParameterException", error?.Code);
        Assert.Contains(member, error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_another_stream_is_refused()
    {
        Log("jr_1", "a\n");
        Log("jr_2", "a\n");
        var token = (string?)(await Answer("GetLogEvents", Get()))["nextForwardToken"];
        var request = Get(token);
        request["logStreamName"] = "jr_2";
        Assert.Equal("InvalidParameterException", (await Handle("GetLogEvents", request, Account)).Error?.Code);
    }

    [Theory]
    [InlineData(Group)]
    [InlineData($"arn:aws:logs:us-east-1:000000000000:log-group:{Group}")]
    [InlineData($"arn:aws:logs:us-east-1:000000000000:log-group:{Group}:*")]
    public async Task A_group_may_be_named_by_its_identifier(string identifier)
    {
        Log("jr_1", "a\n");
        var request = Get();
        request.Remove("logGroupName");
        request["logGroupIdentifier"] = identifier;
        Assert.Equal(["a\n"], Messages(await Answer("GetLogEvents", request)));
    }

    private List<string> Log(string runId, params string[] lines) => _grains.Logs[(Account, Group, runId)] = [.. lines];

    private static JsonObject Filter(string[] streams, string? token = null, int? limit = null)
    {
        var request = new JsonObject
        {
            ["logGroupName"] = Group,
            ["logStreamNames"] = new JsonArray([.. streams.Select(name => JsonValue.Create(name))]),
            ["interleaved"] = true,
        };
        return With(request, token, limit);
    }

    /// <summary>"There is no such stream" would be wrong: clients that follow a log take it that nothing was printed.</summary>
    [Theory]
    [InlineData("GetLogEvents")]
    [InlineData("FilterLogEvents")]
    public async Task A_log_on_a_node_that_cannot_be_reached_is_an_error_that_clients_repeat(string operation)
    {
        _grains.LogsAreAwayWith = "n2";

        var answer = await Handle(operation, operation == "GetLogEvents" ? Get() : Filter(["jr_1"]), Account);

        Assert.Equal(
            (503, "ServiceUnavailableException", "The node n2 cannot be reached now."),
            (answer.Error!.Status, answer.Error.Code, answer.Error.Message)
        );
    }

    private static JsonObject Get(string? token = null, int? limit = null, bool? fromHead = null)
    {
        var request = new JsonObject { ["logGroupName"] = Group, ["logStreamName"] = "jr_1" };
        if (fromHead is not null)
            request["startFromHead"] = fromHead;
        return With(request, token, limit);
    }

    private static JsonObject With(JsonObject request, string? token, int? limit)
    {
        if (token is not null)
            request["nextToken"] = token;
        if (limit is not null)
            request["limit"] = limit;
        return request;
    }

    private static IEnumerable<string> Messages(JsonNode answer) =>
        answer["events"]!.AsArray().Select(e => (string)e!["message"]!);

    private async Task<JsonNode> Answer(string operation, JsonObject request)
    {
        var answer = await Handle(operation, request, Account);
        Assert.Null(answer.Error);
        return JsonNode.Parse(answer.Body)!;
    }

    private Task<AwsAnswer> Handle(string operation, JsonObject request, string account) =>
        new ServiceCollection()
            .AddSingleton<IGrainFactory>(_grains)
            .AddLogging()
            .AddGlueGateway()
            .BuildServiceProvider()
            .GetServices<IAwsJsonService>()
            .Single(service => service.TargetPrefix == "Logs_20140328")
            .Handle(operation, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request)), new Caller(account));
}
