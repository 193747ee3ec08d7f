using System.Text.Json.Nodes;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Support;

internal sealed partial class GlueUser
{
    private static readonly HashSet<string> EndStates = new(StringComparer.Ordinal)
    {
        "SUCCEEDED",
        "FAILED",
        "STOPPED",
        "TIMEOUT",
        "ERROR",
        "EXPIRED",
    };

    /// <summary>A path for scripts to use, that nothing is at yet.</summary>
    public string NewPath(string suffix = "") => Path.Combine(Server.Folder, $"{Guid.NewGuid():N}{suffix}");

    /// <summary>Python statements that write the file, at once and complete.</summary>
    public static string Writes(string file, string value = "'done'") =>
        $"import os\nopen('{file}.draft', 'w').write(str({value}))\nos.rename('{file}.draft', '{file}')\n";

    /// <summary>Python statements that wait until the file is there.</summary>
    public static string WaitsFor(string file) =>
        $"import os, time\nwhile not os.path.exists('{file}'): time.sleep(0.02)\n";

    /// <summary>A python shell job that runs this script.</summary>
    public async Task<string> AJob(string script, Action<JsonObject>? with = null)
    {
        var file = NewPath(".py");
        await File.WriteAllTextAsync(file, script);
        return await AJobAt(file, with);
    }

    public async Task<string> AJobAt(string scriptLocation, Action<JsonObject>? with = null)
    {
        var job = new JsonObject
        {
            ["Name"] = $"job-{Guid.NewGuid():N}",
            ["Role"] = "any",
            ["Command"] = new JsonObject { ["Name"] = "pythonshell", ["ScriptLocation"] = scriptLocation },
        };
        with?.Invoke(job);
        return (string)(await Call("CreateJob", job))["Name"]!;
    }

    /// <summary>For <see cref="AJob"/>: how many runs it may have at once.</summary>
    public static Action<JsonObject> Concurrently(int runs) =>
        job => job["ExecutionProperty"] = new JsonObject { ["MaxConcurrentRuns"] = runs };

    public async Task<string> StartRun(string job, JsonObject? arguments = null)
    {
        var request = new JsonObject { ["JobName"] = job };
        if (arguments is not null)
            request["Arguments"] = arguments;
        return (string)(await Call("StartJobRun", request))["JobRunId"]!;
    }

    public async Task<JsonObject> Run(string job, string runId) =>
        (await Call("GetJobRun", new { JobName = job, RunId = runId }))["JobRun"]!.AsObject();

    public async Task<IReadOnlyList<JsonObject>> Runs(string job) =>
        [.. (await Call("GetJobRuns", new { JobName = job }))["JobRuns"]!.AsArray().Select(run => run!.AsObject())];

    public Task<JsonObject> Stop(string job, params string[] runIds) =>
        Call("BatchStopJobRun", new { JobName = job, JobRunIds = runIds });

    /// <summary>The run as soon as GetJobRun shows it in this state; a run that has ended in another one fails the test.</summary>
    public async Task<JsonObject> RunIn(string state, string job, string runId)
    {
        var run = await Poll.Until(
            () => Run(job, runId),
            run => State(run) == state || HasEnded(run),
            $"run {runId} of {job} is {state}",
            Server.Log.ToString
        );
        Assert.True(State(run) == state, $"Expected a run that is {state}, and got {run.ToJsonString()}\n{Server.Log}");
        return run;
    }

    /// <summary>The run once it has ended, in whatever state.</summary>
    public Task<JsonObject> EndedRun(string job, string runId) =>
        Poll.Until(() => Run(job, runId), HasEnded, $"run {runId} of {job} has ended", Server.Log.ToString);

    /// <summary>Starts a run of a job and waits for its end.</summary>
    public async Task<JsonObject> EndedRunOf(string job, JsonObject? arguments = null) =>
        await EndedRun(job, await StartRun(job, arguments));

    public static string State(JsonObject run) => (string)run["JobRunState"]!;

    public static bool HasEnded(JsonObject run) => EndStates.Contains(State(run));

    public static DateTimeOffset Time(JsonObject run, string member) =>
        DateTimeOffset.UnixEpoch.AddSeconds((double)run[member]!);
}
