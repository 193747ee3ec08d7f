using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Storage;

/// <summary>
/// What every run row satisfies. Breaking one is a mistake in the caller, so it is an exception, and it is found before
/// the row is queued: the same rules stand in the schema, where they would only be found inside a batch.
/// </summary>
public static class RunInvariants
{
    /// <exception cref="ArgumentException">The record breaks one; the message says which.</exception>
    public static void Check(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Require(run.Id.Length > 0, run, "has no id");
        Require(run.Job.Name is { Length: > 0 } && run.Job.Account is { Length: > 0 }, run, "has no job");
        Require(run.Ordinal >= 1, run, $"has ordinal {run.Ordinal}; they begin at 1");
        Require(run.Version >= 1, run, $"has version {run.Version}; they begin at 1");
        Require(run.Attempt >= 0, run, $"has attempt {run.Attempt}");
        Require(Enum.IsDefined(run.State) && run.State != JobRunState.Unset, run, $"has the state {run.State}");
        Require(
            run.State.IsTerminal() == run.CompletedOn.HasValue,
            run,
            $"is {run.State} and its CompletedOn is {run.CompletedOn?.ToString("O") ?? "null"}; it is set exactly at the end"
        );
        Require(
            (run.State == JobRunState.Stopping) == run.EndsAs.HasValue,
            run,
            $"is {run.State} and EndsAs is {run.EndsAs?.ToString() ?? "null"}; it is set exactly in Stopping"
        );
        Require(run.EndsAs is not { } end || end.IsTerminal(), run, $"would end as {run.EndsAs}, which is no end");
        Require(
            run.State == JobRunState.Waiting || run.StateDetail is null,
            run,
            $"is {run.State} and says what it waits for"
        );
        Require(
            run.State != JobRunState.Waiting || run.Executor is null,
            run,
            $"waits and is placed on {run.Executor}; only a run with a slot is"
        );
        Require(
            run.State.IsTerminal() || run.SuccessorDueAt is null,
            run,
            $"is {run.State} and owes a successor; only a run that has ended does"
        );
    }

    /// <exception cref="ArgumentException">The saved record's version is not the one after the expected.</exception>
    public static void CheckNextVersion(RunRecord run, long expectedVersion)
    {
        Check(run);
        Require(
            run.Version == expectedVersion + 1,
            run,
            $"is saved over version {expectedVersion} as version {run.Version} instead of {expectedVersion + 1}"
        );
    }

    private static void Require(bool holds, RunRecord run, string complaint)
    {
        if (!holds)
            throw new ArgumentException($"Run '{run.Id}' of '{run.Job}' {complaint}.", nameof(run));
    }
}
