using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Support;

/// <summary>
/// Runs for tests: <c>ARun().OfJob("nightly").InState(Running).OnAttempt(2)</c>, with
/// <c>using static GlueOrleans.Tests.Support.RunBuilder;</c>. What is not said is filled in so that the row is valid.
/// </summary>
public sealed class RunBuilder
{
    /// <summary>When runs are accepted, unless said otherwise: a fixed instant, whole milliseconds.</summary>
    public static readonly DateTimeOffset Accepted = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private RunRecord _run = new()
    {
        Job = TheJob,
        Id = RunId.New(),
        Ordinal = 1,
        Version = 1,
        State = JobRunState.Waiting,
        StartedOn = Accepted,
        LastModifiedOn = Accepted,
        Settings = new RunSettings
        {
            ScriptArguments = new Dictionary<string, string>(),
            Command = new JobCommand { Name = "pythonshell", ScriptLocation = "/scripts/job.py" },
            Timeout = 2880,
            AllocatedCapacity = 1,
            MaxCapacity = 1,
            JobMode = "SCRIPT",
            LogGroupName = "/aws-glue/jobs",
        },
    };

    /// <summary>The job of runs of which none is said.</summary>
    public static JobKey TheJob { get; } = new("000000000000", "the-job");

    /// <summary>The first attempt of the first run of <see cref="TheJob"/>, WAITING, as just created.</summary>
    public static RunBuilder ARun() => new();

    public static implicit operator RunRecord(RunBuilder builder) => builder.Build();

    public RunRecord Build() => _run;

    /// <summary>A job of the default account.</summary>
    public RunBuilder OfJob(string name) => OfJob(new JobKey(TheJob.Account, name));

    public RunBuilder OfJob(JobKey job) => With(_run with { Job = job });

    public RunBuilder WithId(string id) => With(_run with { Id = id });

    public RunBuilder WithOrdinal(long ordinal) => With(_run with { Ordinal = ordinal });

    public RunBuilder AtVersion(long version) => With(_run with { Version = version });

    public RunBuilder OnAttempt(int attempt, string? previousRunId = null) =>
        With(_run with { Attempt = attempt, PreviousRunId = previousRunId });

    /// <summary>
    /// Also sets what belongs to the state: the end of a terminal run, that STOPPING ends as STOPPED, when it began to run.
    /// </summary>
    public RunBuilder InState(JobRunState state) =>
        With(
            _run with
            {
                State = state,
                EndsAs = state == JobRunState.Stopping ? JobRunState.Stopped : null,
                RunningSince = state is JobRunState.Waiting or JobRunState.Starting ? null : _run.StartedOn,
                CompletedOn = state.IsTerminal() ? _run.LastModifiedOn : null,
                StateDetail = state == JobRunState.Waiting ? _run.StateDetail : null,
            }
        );

    /// <summary>STOPPING, on the way to this end.</summary>
    public RunBuilder EndingAs(JobRunState end) => InState(JobRunState.Stopping).With(run => run with { EndsAs = end });

    public RunBuilder StartedOn(DateTimeOffset instant) =>
        With(_run with { StartedOn = instant, LastModifiedOn = instant });

    public RunBuilder DueAt(DateTimeOffset? deadline) => With(_run with { DueAt = deadline });

    public RunBuilder WithError(string message) => With(_run with { ErrorMessage = message });

    public RunBuilder WithSettings(Func<RunSettings, RunSettings> change) =>
        With(_run with { Settings = change(_run.Settings) });

    /// <summary>Anything else.</summary>
    public RunBuilder With(Func<RunRecord, RunRecord> change) => With(change(_run));

    private RunBuilder With(RunRecord run)
    {
        _run = run;
        return this;
    }
}

/// <summary>What a grain does to a run between loading and saving it, and without fencing.</summary>
public static class RunChanges
{
    /// <summary>Creates a run under an epoch of its job (0: nobody has claimed one), whatever its account's is.</summary>
    public static Task<CreateResult> TryCreate(this IRunStore store, RunRecord run, long epoch = 0) =>
        store.TryCreate(run, new AdmissionEpochs(epoch, Account: null));

    /// <summary>The run one version later, in this state, changed a second after it last was.</summary>
    public static RunRecord MovedTo(this RunRecord run, JobRunState state)
    {
        var now = run.LastModifiedOn.AddSeconds(1);
        return run with
        {
            Version = run.Version + 1,
            State = state,
            EndsAs = state == JobRunState.Stopping ? JobRunState.Stopped : null,
            RunningSince = state == JobRunState.Running ? now : run.RunningSince,
            LastModifiedOn = now,
            CompletedOn = state.IsTerminal() ? now : null,
            StateDetail = state == JobRunState.Waiting ? run.StateDetail : null,
            DeadlineAt = state.IsTerminal() ? null : run.DeadlineAt,
            DueAt = state.IsTerminal() ? null : run.DueAt,
        };
    }
}
