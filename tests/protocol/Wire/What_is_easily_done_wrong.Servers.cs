using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

/// <summary>Those that take a server whose clock runs fast, or whose limits are low; and what they share with the others.</summary>
public sealed partial class What_is_easily_done_wrong
{
    private const string Plain = "{python} {script} {arguments}";

    /// <summary>glue-behaviour.md 11.5, with the pause that Glue has; and 11.14 of TIMEOUT.</summary>
    [Fact]
    public async Task A_retry_is_a_run_of_its_own()
    {
        await using var server = await ServerProcess.Start("--Clock:Speed=100");
        var user = server.NewAccount();
        var timesOut = await user.AJob(
            Sleeps,
            job =>
            {
                job["MaxRetries"] = 1;
                job["Timeout"] = 1;
            }
        );
        var timedOut = await user.RunIn("TIMEOUT", timesOut, await user.StartRun(timesOut));
        Assert.NotEmpty((string?)timedOut["ErrorMessage"] ?? "");

        var fails = await user.AJob("raise ValueError()\n", job => job["MaxRetries"] = 1);
        var id = await user.StartRun(fails);
        var first = await user.RunIn("FAILED", fails, id);
        Assert.Equal(0, (int)first["Attempt"]!);
        Assert.False(first.ContainsKey("PreviousRunId"));
        await Poll.Until(() => user.Runs(fails), runs => runs.Count > 1, "another run follows", server.Log.ToString);
        var second = await user.RunIn("FAILED", fails, $"{id}_attempt_1");
        Assert.Equal((1, id), ((int)second["Attempt"]!, (string?)second["PreviousRunId"]));
        var pause = GlueUser.Time(second, "StartedOn") - GlueUser.Time(first, "CompletedOn");
        Assert.True(pause >= TimeSpan.FromSeconds(30), $"The pause was {pause}.");
        Assert.Equal("FAILED", GlueUser.State(await user.Run(fails, id)));

        // A retry of the run that timed out would have been due before that one.
        Assert.Single(await user.Runs(timesOut));
    }

    /// <summary>glue-behaviour.md 11.6: seven days, in six seconds; and 11.24 of EXPIRED.</summary>
    [Fact]
    public async Task A_streaming_run_is_restarted_without_a_retry()
    {
        await using var server = await ServerProcess.Start(
            "--Clock:Speed=100000",
            $"--Executor:Commands:gluestreaming={Plain}"
        );
        var user = server.NewAccount();
        var script = user.NewPath(".py");
        await File.WriteAllTextAsync(script, Sleeps);
        var job = await Spark(user, script, job => job["Command"]!["Name"] = "gluestreaming");
        var id = await user.StartRun(job);

        var expired = await user.RunIn("EXPIRED", job, id);
        var week = GlueUser.Time(expired, "CompletedOn") - GlueUser.Time(expired, "StartedOn");
        Assert.True(week >= TimeSpan.FromDays(7), $"It ran for {week}.");
        await Poll.Until(() => user.Runs(job), runs => runs.Count > 1, "another run follows", server.Log.ToString);
        var next = await user.Run(job, $"{id}_restart_1");
        Assert.Equal((0, id), ((int)next["Attempt"]!, (string?)next["PreviousRunId"]));

        await user.Stop(job, $"{id}_restart_1");
        await user.RunIn("STOPPED", job, $"{id}_restart_1");
        await AssertStatesTold(server, $"{id}_restart_1", "STOPPED");
        await AssertStatesTold(server, id);
    }

    /// <summary>glue-behaviour.md 11.21</summary>
    [Fact]
    public async Task A_FLEX_run_waits_without_opting_in()
    {
        await using var server = await ServerProcess.Start(
            "--Limits:FlexDpus=2",
            $"--Executor:Commands:glueetl={Plain}"
        );
        var user = server.NewAccount();
        var script = user.NewPath(".py");
        await File.WriteAllTextAsync(script, Sleeps);
        var job = await Spark(
            user,
            script,
            job =>
            {
                job["GlueVersion"] = "4.0";
                job["ExecutionClass"] = "FLEX";
                Workers(job, "G.1X", 2);
                GlueUser.Concurrently(2)(job);
            }
        );
        var first = await user.StartRun(job);
        await user.RunIn("RUNNING", job, first);

        // For want of spare capacity: its job has a slot for it.
        var second = await user.StartRun(job);
        Assert.Equal("WAITING", GlueUser.State(await user.Run(job, second)));
        await user.Stop(job, first);
        await user.RunIn("RUNNING", job, second);
        await user.Stop(job, second);
        await user.RunIn("STOPPED", job, second);

        // And for a slot it does not wait, although it opts in.
        var single = await Spark(
            user,
            script,
            job =>
            {
                job["GlueVersion"] = "4.0";
                job["ExecutionClass"] = "FLEX";
                job["JobRunQueuingEnabled"] = true;
                Workers(job, "G.1X", 2);
            }
        );
        await user.StartRun(single);
        AssertError(await user.Try("StartJobRun", new { JobName = single }), "ConcurrentRunsExceededException");
    }

    /// <summary>glue-behaviour.md 11.23: of a Spark job, since python shell is not told (6.1.2).</summary>
    [Fact]
    public async Task A_script_has_its_run_id_unasked_and_fails_when_it_asks_for_it()
    {
        await using var server = await ServerProcess.Start($"--Executor:Commands:glueetl={Plain}");
        var user = server.NewAccount();

        var unasked = await RunAskingFor("[]");
        var id = (string)unasked["Id"]!;
        Assert.True(GlueUser.State(unasked) == "SUCCEEDED", unasked.ToJsonString());
        Assert.Equal($"{id}\n", server.Output(id));

        var asking = await RunAskingFor("['JOB_RUN_ID']");
        Assert.Equal("FAILED", GlueUser.State(asking));
        Assert.Contains("conflicting option string", (string?)asking["ErrorMessage"], StringComparison.Ordinal);

        async Task<JsonObject> RunAskingFor(string options)
        {
            var script = user.NewPath(".py");
            await File.WriteAllTextAsync(
                script,
                "import sys\nfrom awsglue.utils import getResolvedOptions\n"
                    + $"print(getResolvedOptions(sys.argv, {options})['JOB_RUN_ID'])\n"
            );
            return await user.EndedRunOf(await Spark(user, script));
        }
    }

    private static JsonObject ASparkJob(string script = "/there/is/no/script.py") =>
        new()
        {
            ["Name"] = $"job-{Guid.NewGuid():N}",
            ["Role"] = "any",
            ["GlueVersion"] = "5.0",
            ["Command"] = new JsonObject { ["Name"] = "glueetl", ["ScriptLocation"] = script },
        };

    private static async Task<string> Spark(GlueUser user, string script, Action<JsonObject>? with = null)
    {
        var job = ASparkJob(script);
        with?.Invoke(job);
        return (string)(await user.Call("CreateJob", job))["Name"]!;
    }

    private static void Workers(JsonObject job, string type, int number)
    {
        job["WorkerType"] = type;
        job["NumberOfWorkers"] = number;
    }

    /// <summary>Waits for as many events of the run, and looks whether they are these. The same event may be told twice.</summary>
    private static async Task AssertStatesTold(ServerProcess server, string runId, params string[] states)
    {
        var told = await Poll.Until(
            () => Task.FromResult(EventsOf(server, runId)),
            events => events.Count >= states.Length,
            $"run {runId} has {states.Length} events",
            server.Log.ToString
        );
        Assert.Equal(states, told.Select(e => (string?)e["detail"]!["state"]));
        Assert.All(told, e => Assert.Equal("Glue Job State Change", (string?)e["detail-type"]));
    }

    private static List<JsonNode> EventsOf(ServerProcess server, string runId)
    {
        var path = Path.Combine(server.DataFolder, "events.jsonl");
        if (!File.Exists(path))
            return [];
        // The node goes on writing; its last line may be a part of one.
        using var file = new StreamReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
        );
        return
        [
            .. file.ReadToEnd()
                .Split('\n')[..^1]
                .Select(line => JsonNode.Parse(line)!)
                .Where(e => (string?)e["detail"]!["jobRunId"] == runId)
                .DistinctBy(e => (string?)e["id"]),
        ];
    }
}
