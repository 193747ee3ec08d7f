namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>Holds what happened against what was promised. Knows nothing of how: only rows, marks and answers.</summary>
internal static class HistoryChecker
{
    /// <summary>
    /// Between two readings of the machine's uptime, which has hundredths of a second: one is rounded down, the other as well.
    /// Nothing else is tolerated: a mark is made by a process that lives, and a row's time is taken before it is committed.
    /// </summary>
    public const double Tolerance = 0.02;

    public static IReadOnlyList<Violation> Check(History history) =>
        [
            .. RowRules.EndsExactlyOnce(history),
            .. RowRules.IsThereIfAcknowledged(history),
            .. RowRules.NothingWaitsForEver(history),
            .. RowRules.FailsForAReason(history),
            .. RowRules.StopsWhatWasStopped(history),
            .. LimitRules.OfJobsAndAccount(history),
            .. LimitRules.OfNodes(history),
            .. QueueRules.FirstComeFirstServed(history),
            .. RetryRules.FollowEachFailureOnce(history),
            .. ExecutionRules.AtMostOnce(history),
            .. ExecutionRules.SuccessMeansRun(history),
            .. ExecutionRules.NeverOverlap(history),
            .. ExecutionRules.NoneOutlivesItsRow(history),
            .. BookmarkRules.OneForEachSuccess(history),
        ];
}
