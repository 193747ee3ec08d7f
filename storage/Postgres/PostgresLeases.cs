using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>The leases of executor nodes, and of the cluster's upkeep, in PostgreSQL and by its clock.</summary>
internal sealed class PostgresLeases(PostgresDatabase database) : IExecutorNodes, IUpkeepLease
{
    public async Task<LeaseAnswer> Acquire(LeaseRequest request)
    {
        var (epoch, isLive, remaining) = (
            await database.Query(
                row =>
                    (
                        Epoch: row.IsDBNull(0) ? (long?)null : row.GetInt64(0),
                        IsLive: row.GetBoolean(1),
                        Remaining: row.IsDBNull(2) ? TimeSpan.Zero : row.GetTimeSpan(2)
                    ),
                LeaseSql.EnsureNode.With(("@node", Value.Of(request.Node))),
                LeaseSql.Acquire.With([.. Values(request), ("@folder", Value.Of(request.Folder))])
            )
        ).Single();
        return epoch is { } taken
            ? new LeaseAnswer(new ExecutorTenure(request.Node, taken), IsContinued: isLive)
            : new LeaseAnswer(null, TakenFor: remaining);
    }

    public async Task<bool> Renew(ExecutorTenure tenure, LeaseRequest request) =>
        await database.Execute(
            LeaseSql.Renew.With([.. Values(request with { Node = tenure.Node }), ("@epoch", Value.Of(tenure.Epoch))])
        ) == 1;

    public async Task<IReadOnlyList<ExecutorNode>> ListLive() =>
        await database.Query(
            row => new ExecutorNode(RunRow.Tenure(row, 0), row.GetBoolean(2), row.GetInt32(3), row.GetDouble(4)),
            LeaseSql.ListLive.With()
        );

    public async Task<IReadOnlyList<ExecutorTenure>> FenceExpired() =>
        await database.Query(row => RunRow.Tenure(row, 0), LeaseSql.FenceExpired.With());

    public async Task<IReadOnlyList<StrandedRun>> ListStranded(string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            row => new StrandedRun(RunRow.Text(row, 0), RunRow.Tenure(row, 1)),
            LeaseSql.ListStranded.With(("@after", Value.Of(after ?? string.Empty)), ("@limit", Value.Of((long)limit)))
        );
    }

    public async Task<bool> TryHold(string holder, TimeSpan lasts) =>
        await database.Execute(LeaseSql.TryHold.With(("@holder", Value.Of(holder)), ("@lasts", Value.Of(lasts)))) == 1;

    private static (string, NpgsqlParameter)[] Values(LeaseRequest request) =>
        [
            ("@node", Value.Of(request.Node)),
            ("@holder", Value.Of(request.Holder)),
            ("@isAccepting", Value.Of(request.IsAccepting)),
            ("@maxRuns", Value.Of(request.MaxRuns)),
            ("@dpus", Value.Of(request.Dpus)),
            ("@lasts", Value.Of(request.Lasts)),
        ];
}
