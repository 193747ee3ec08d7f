using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

internal sealed partial class SqliteRunStore
{
    public Task<JobRoster> LoadRoster(JobKey job) =>
        database.Read(session =>
        {
            var lastOrdinal = 0L;
            List<string> holders = [];
            List<WaitingRun> waiting = [];
            List<OwedRun> owed = [];
            session.Query(
                RunSql.LoadRoster,
                row =>
                {
                    switch (row.GetString(0))
                    {
                        case "LAST":
                            lastOrdinal = row.IsDBNull(2) ? 0 : row.GetInt64(2);
                            break;
                        case "OWED":
                            owed.Add(new OwedRun(row.GetString(1), RunRow.Instant(row, 5)!.Value));
                            break;
                        case "WAITING":
                            waiting.Add(
                                new WaitingRun(
                                    row.GetString(1),
                                    row.GetInt64(2),
                                    row.GetDouble(3),
                                    row.GetInt64(4) == 1,
                                    RunRow.Instant(row, 5)!.Value,
                                    RunRow.Text(row, 6)
                                )
                            );
                            break;
                        default:
                            holders.Add(row.GetString(1));
                            break;
                    }

                    return 0;
                },
                ("@account", job.Account),
                ("@job", job.Name)
            );
            return new JobRoster(
                lastOrdinal,
                holders,
                [.. waiting.OrderBy(run => run.Ordinal)],
                [.. owed.OrderBy(run => run.DueAt)]
            );
        });

    public Task<AccountRoster> LoadAccountRoster(string account) =>
        database.Read(session =>
        {
            var rows = session.Query(
                RunSql.LoadAccountRoster,
                row =>
                    (
                        State: RunRow.StateNamed(row.GetString(1)),
                        Holder: new CapacityHolder(row.GetString(0), row.GetDouble(2), row.GetInt64(3) == 1)
                    ),
                ("@account", account)
            );
            return new AccountRoster(
                [.. rows.Where(row => row.State.HoldsSlot()).Select(row => row.Holder)],
                [.. rows.Where(row => row.State == JobRunState.Waiting).Select(row => row.Holder.RunId)]
            );
        });

    public Task<IReadOnlyList<ExecutorHolder>> LoadExecutorRoster() =>
        database.Read<IReadOnlyList<ExecutorHolder>>(session =>
            session.Query(
                RunSql.LoadExecutorRoster,
                row => new ExecutorHolder(row.GetString(0), RunRow.Tenure(row, 1)!, row.GetDouble(3))
            )
        );

    public Task<IReadOnlyList<PlacedRun>> ListByExecutor(string node, string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<PlacedRun>>(session =>
            session.Query(
                RunSql.ListByExecutor,
                row => new PlacedRun(row.GetString(0), RunRow.StateNamed(row.GetString(1)), RunRow.Tenure(row, 2)!),
                ("@node", node),
                ("@after", after ?? string.Empty),
                ("@limit", limit)
            )
        );
    }

    public Task<int> CountWaiting(JobKey job, long below) =>
        database.Read(session =>
            session
                .Query(
                    RunSql.CountWaiting,
                    row => row.GetInt32(0),
                    ("@account", job.Account),
                    ("@job", job.Name),
                    ("@below", below)
                )
                .Single()
        );

    public Task<IReadOnlyList<JobKey>> ListJobsToTend(JobKey? after, DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<JobKey>>(session =>
            session.Query(
                RunSql.ListJobsToTend,
                row => new JobKey(row.GetString(0), row.GetString(1)),
                ("@account", after?.Account ?? string.Empty),
                ("@job", after?.Name ?? string.Empty),
                ("@now", RunRow.Milliseconds(now)),
                ("@limit", limit)
            )
        );
    }

    public Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<string>>(session =>
            session.Query(
                RunSql.ListUnfinished,
                row => row.GetString(0),
                ("@after", after ?? string.Empty),
                ("@limit", limit)
            )
        );
    }

    public Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<string>>(session =>
            session.Query(
                RunSql.ListOverdue,
                row => row.GetString(0),
                ("@now", RunRow.Milliseconds(now)),
                ("@limit", limit)
            )
        );
    }
}
