using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>
/// Run ids, as Glue makes them: <c>jr_</c> and 64 lower-case hexadecimal digits, then <c>_attempt_N</c> for the N-th
/// automatic retry and <c>_restart_N</c> for the N-th restart of a streaming run (glue-behaviour.md 3.2).
/// </summary>
public static class RunId
{
    private const string Prefix = "jr_";
    private const string AttemptMark = "_attempt_";
    private const string RestartMark = "_restart_";

    public static string New() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>The id of the run that one call of StartJobRun makes, however often its client repeats the call.</summary>
    /// <param name="job">Part of the id, so that two jobs never share a run.</param>
    /// <param name="invocationId">The call's <c>amz-sdk-invocation-id</c>.</param>
    public static string Of(JobKey job, string invocationId)
    {
        // Lengths first: no two different triples are the same text.
        var text = $"start-job-run {job.Account.Length} {job.Account} {job.Name.Length} {job.Name} {invocationId}";
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The id of the attempt that follows a run which FAILED. Restarts are counted anew in it.</summary>
    public static string NextAttempt(RunRecord run) =>
        Invariant($"{Before(Before(run.Id, RestartMark), AttemptMark)}{AttemptMark}{run.Attempt + 1}");

    /// <summary>The id of the restart that follows a run which has EXPIRED. Attempts are not counted up by it.</summary>
    public static string NextRestart(RunRecord run)
    {
        var attempt = Before(run.Id, RestartMark);
        var restarts =
            attempt.Length == run.Id.Length
                ? 0
                : int.Parse(
                    run.Id.AsSpan(attempt.Length + RestartMark.Length),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture
                );
        return Invariant($"{attempt}{RestartMark}{restarts + 1}");
    }

    /// <summary>Whether a run follows another by itself, as its next attempt or its restart, and not because somebody has
    /// started it anew.</summary>
    public static bool IsSuccessor(RunRecord run) =>
        run.PreviousRunId is not null && (run.Attempt > 0 || run.Id.Contains(RestartMark, StringComparison.Ordinal));

    private static string Before(string id, string mark) =>
        id.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? id[..at] : id;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
