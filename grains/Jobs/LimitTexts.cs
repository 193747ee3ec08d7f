using System.Globalization;
using GlueOrleans.GrainInterfaces.Accounts;

namespace GlueOrleans.Grains.Jobs;

/// <summary>The sentences about limits, in one place: what a caller is refused with, and what a run in WAITING waits for.</summary>
/// <remarks>The beginnings of those that Glue is known to use are Glue's (glue-behaviour.md 3.4, 4.1.1): clients look for
/// them. No text of Glue's StateDetail is known (4.3.8).</remarks>
public static class LimitTexts
{
    public static string JobIsFull(string jobName) => $"Concurrent runs exceeded for {jobName}";

    /// <summary>The ErrorMessage of a run that a trigger started in vain.</summary>
    public const string TriggerInVain = "Max concurrent runs exceeded";

    public static string WaitsForJob(int limit) =>
        Invariant($"Waiting for a run of this job to end: its limit of concurrent runs is {limit}.");

    public const string WaitsForOthers = "Waiting behind runs of this job that came before.";

    public static string Refused(CapacityAnswer answer, double dpus) =>
        answer.Limit switch
        {
            CapacityLimit.ConcurrentRuns => Invariant(
                $"Max concurrent job runs exceeded for your account: the limit is {answer.LimitValue} (Limits:ConcurrentRuns)."
            ),
            CapacityLimit.QueuedRuns => Invariant(
                $"Max queued job runs exceeded for your account: the limit is {answer.LimitValue} (Limits:QueuedRuns)."
            ),
            CapacityLimit.Executors => Invariant($"Resource unavailable: {Executors(answer.LimitValue, dpus)}"),
            _ => Invariant(
                $"Exceeded maximum concurrent compute capacity for your account: the run needs {dpus} DPUs, the limit is {answer.LimitValue} (Limits:{answer.Limit})."
            ),
        };

    public static string Waits(CapacityAnswer answer, double dpus) =>
        answer.Limit switch
        {
            CapacityLimit.ConcurrentRuns => Invariant(
                $"Waiting for a run of the account to end: its limit of concurrent runs is {answer.LimitValue} (Limits:ConcurrentRuns)."
            ),
            CapacityLimit.Executors => Invariant($"Waiting for an executor: {Executors(answer.LimitValue, dpus)}"),
            _ => Invariant(
                $"Waiting for {dpus} DPUs: the account's limit is {answer.LimitValue} (Limits:{answer.Limit})."
            ),
        };

    private static string Executors(int nodes, double dpus) =>
        nodes == 0
            ? "no executor node takes runs now. Start a silo with the role executor."
            : Invariant(
                $"none of {nodes} node{(nodes == 1 ? "" : "s")} has room for a run of {dpus} DPUs (Executor:MaxRuns, Executor:Dpus)."
            );

    /// <param name="stateDetail">Why the run waits.</param>
    /// <param name="position">Its place among the job's runs that wait, from 1 on.</param>
    public static string WithPosition(string? stateDetail, int position) =>
        Invariant($"{stateDetail} Position in the queue of the job: {position}.").TrimStart();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
