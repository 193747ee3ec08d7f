using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>The index of job names in PostgreSQL.</summary>
internal sealed class PostgresJobIndex(PostgresDatabase database) : IJobIndex
{
    public Task MarkUnsettled(JobKey job) => Put(job, settled: false);

    public async Task<bool> TryMarkUnsettled(JobKey job, int mostNames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostNames);
        var changed = await database.Execute(
            JobNameSql.LockAccount.With(("@account", Value.Of(job.Account))),
            JobNameSql.TryPutUnsettled.With([.. Key(job), ("@limit", Value.Of((long)mostNames))])
        );
        return changed > 0;
    }

    public Task Settle(JobKey job) => Put(job, settled: true);

    public Task Remove(JobKey job) => database.Execute(JobNameSql.Remove.With(Key(job)));

    public async Task<IReadOnlyList<string>> ListNames(string account, string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            row => RunRow.Text(row, 0),
            JobNameSql.ListNames.With(
                ("@account", Value.Of(account)),
                ("@after", Value.Of(after ?? string.Empty)),
                ("@limit", Value.Of((long)limit))
            )
        );
    }

    public async Task<IReadOnlyList<JobKey>> ListUnsettled(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(RunRow.Job, JobNameSql.ListUnsettled.With(("@limit", Value.Of((long)limit))));
    }

    private Task<int> Put(JobKey job, bool settled) =>
        database.Execute(JobNameSql.Put.With([.. Key(job), ("@settled", Value.Of(settled))]));

    private static (string, NpgsqlParameter)[] Key(JobKey job) =>
        [("@account", Value.Of(job.Account)), ("@name", Value.Of(job.Name))];
}
