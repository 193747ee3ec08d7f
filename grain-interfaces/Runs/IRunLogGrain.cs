namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>Reads what a run's script printed, wherever it ran. Stateless; the key is the run id.</summary>
[Alias("IRunLogGrain")]
public interface IRunLogGrain : IGrainWithStringKey
{
    /// <summary>The name of the job whose run it is. <c>null</c>: the account has no such run.</summary>
    [Alias("FindJob")]
    Task<string?> FindJob(string account);

    /// <summary>
    /// Events of one of the run's logs. <c>null</c>: the account has no such run, <paramref name="logGroup"/> is none of
    /// its groups (glue-behaviour.md 5.4.3), or its script has not been started, so that there is no log yet.
    /// </summary>
    [Alias("Read")]
    Task<RunLogPart?> Read(string account, string logGroup, RunLogRange range);
}
