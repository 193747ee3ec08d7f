using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Orleans.Concurrency;

namespace GlueOrleans.Grains.Runs;

/// <summary>Finds the run, sees that the log is the caller's to read, and has its executor's node read it.</summary>
[StatelessWorker]
public sealed class RunLogGrain(IRunStore store, IRunLogs logs) : Grain, IRunLogGrain
{
    public async Task<string?> FindJob(string account) =>
        await store.Find(this.GetPrimaryKeyString()) is { } run && run.Job.Account == account ? run.Job.Name : null;

    public async Task<RunLogPart?> Read(string account, string logGroup, RunLogRange range)
    {
        if (await store.Find(this.GetPrimaryKeyString()) is not { } run || run.Job.Account != account)
            return null;
        return LogIn(run.Settings.LogGroupName, logGroup) is { } log ? await logs.Read(run, log, range) : null;
    }

    /// <remarks>With a security configuration the prefix ends with a slash (glue-behaviour.md 5.4.5). Clients append
    /// another one; a person would not.</remarks>
    private static RunLog? LogIn(string prefix, string logGroup)
    {
        if (logGroup == $"{prefix}/output" || logGroup == $"{prefix.TrimEnd('/')}/output")
            return RunLog.Output;
        if (logGroup == $"{prefix}/error" || logGroup == $"{prefix.TrimEnd('/')}/error")
            return RunLog.Error;
        return null;
    }
}
