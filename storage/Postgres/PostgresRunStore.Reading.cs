using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Postgres;

internal sealed partial class PostgresRunStore
{
    private readonly RunReader _reader = new(database);

    public Task<RunRecord?> Find(string runId) => _reader.Find(runId);

    public async Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            RunRow.Reader(),
            RunSql.ListByJob.With([
                .. RunRow.Key(job),
                ("@before", Value.Of(before ?? long.MaxValue)),
                ("@limit", Value.Of((long)limit)),
            ])
        );
    }

    public async Task<JobRoster> LoadRoster(JobKey job)
    {
        var lastOrdinal = 0L;
        List<string> holders = [];
        List<WaitingRun> waiting = [];
        List<OwedRun> owed = [];
        await database.Query(
            row =>
            {
                switch (row.GetString(0))
                {
                    case "LAST":
                        lastOrdinal = row.IsDBNull(2) ? 0 : row.GetInt64(2);
                        break;
                    case "OWED":
                        owed.Add(new OwedRun(RunRow.Text(row, 1), RunRow.Instant(row, 5)));
                        break;
                    case "WAITING":
                        waiting.Add(
                            new WaitingRun(
                                RunRow.Text(row, 1),
                                row.GetInt64(2),
                                row.GetDouble(3),
                                row.GetBoolean(4),
                                RunRow.Instant(row, 5),
                                RunRow.TextOrNull(row, 6)
                            )
                        );
                        break;
                    default:
                        holders.Add(RunRow.Text(row, 1));
                        break;
                }

                return 0;
            },
            RunSql.LoadRoster.With(RunRow.Key(job))
        );
        return new JobRoster(
            lastOrdinal,
            holders,
            [.. waiting.OrderBy(run => run.Ordinal)],
            [.. owed.OrderBy(run => run.DueAt)]
        );
    }

    public async Task<AccountRoster> LoadAccountRoster(string account)
    {
        var rows = await database.Query(
            row =>
                (
                    State: RunRow.State(row, 1),
                    Holder: new CapacityHolder(RunRow.Text(row, 0), row.GetDouble(2), row.GetBoolean(3))
                ),
            RunSql.LoadAccountRoster.With(("@account", Value.Of(account)))
        );
        return new AccountRoster(
            [.. rows.Where(row => row.State.HoldsSlot()).Select(row => row.Holder)],
            [.. rows.Where(row => row.State == JobRunState.Waiting).Select(row => row.Holder.RunId)]
        );
    }

    public async Task<IReadOnlyList<ExecutorHolder>> LoadExecutorRoster() =>
        await database.Query(
            row => new ExecutorHolder(RunRow.Text(row, 0), RunRow.Tenure(row, 1), row.GetDouble(3)),
            RunSql.LoadExecutorRoster.With()
        );

    public async Task<IReadOnlyList<PlacedRun>> ListByExecutor(string node, string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            row => new PlacedRun(RunRow.Text(row, 0), RunRow.State(row, 1), RunRow.Tenure(row, 2)),
            RunSql.ListByExecutor.With(
                ("@node", Value.Of(node)),
                ("@after", Value.Of(after ?? string.Empty)),
                ("@limit", Value.Of((long)limit))
            )
        );
    }

    public async Task<int> CountWaiting(JobKey job, long below) =>
        (
            await database.Query(
                row => row.GetInt32(0),
                RunSql.CountWaiting.With([.. RunRow.Key(job), ("@below", Value.Of(below))])
            )
        ).Single();

    public async Task<IReadOnlyList<JobKey>> ListJobsToTend(JobKey? after, DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            RunRow.Job,
            RunSql.ListJobsToTend.With(
                ("@account", Value.Of(after?.Account ?? string.Empty)),
                ("@job", Value.Of(after?.Name ?? string.Empty)),
                ("@now", Value.Of(now)),
                ("@limit", Value.Of((long)limit))
            )
        );
    }

    public async Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            row => RunRow.Text(row, 0),
            RunSql.ListUnfinished.With(("@after", Value.Of(after ?? string.Empty)), ("@limit", Value.Of((long)limit)))
        );
    }

    public async Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            row => RunRow.Text(row, 0),
            RunSql.ListOverdue.With(("@now", Value.Of(now)), ("@limit", Value.Of((long)limit)))
        );
    }

    public async Task<IReadOnlyList<EndedRun>> ListEndedBefore(DateTimeOffset instant, EndedRun? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            row => new EndedRun(
                RunRow.Instant(row, 0),
                RunRow.Text(row, 1),
                row.IsDBNull(2) ? null : RunRow.Tenure(row, 2)
            ),
            RunSql.ListEndedBefore.With(
                ("@before", Value.Of(instant)),
                // The first instant is PostgreSQL's -infinity.
                ("@after", Value.Of(after?.CompletedOn ?? DateTimeOffset.MinValue)),
                ("@afterId", Value.Of(after?.Id ?? string.Empty)),
                ("@limit", Value.Of((long)limit))
            )
        );
    }
}
