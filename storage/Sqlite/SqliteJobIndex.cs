using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>The index of job names in SQLite.</summary>
internal sealed class SqliteJobIndex(SqliteDatabase database) : IJobIndex
{
    public Task MarkUnsettled(JobKey job) => Put(job, settled: false);

    public async Task<bool> TryMarkUnsettled(JobKey job, int mostNames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostNames);
        var changed = await database.Write(session =>
            session.Execute(
                JobNameSql.TryPutUnsettled,
                ("@account", job.Account),
                ("@name", job.Name),
                ("@limit", mostNames)
            )
        );
        return changed > 0;
    }

    public Task Settle(JobKey job) => Put(job, settled: true);

    public Task Remove(JobKey job) =>
        database.Write(session => session.Execute(JobNameSql.Remove, ("@account", job.Account), ("@name", job.Name)));

    public Task<IReadOnlyList<string>> ListNames(string account, string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<string>>(session =>
            session.Query(
                JobNameSql.ListNames,
                row => row.GetString(0),
                ("@account", account),
                ("@after", after ?? string.Empty),
                ("@limit", limit)
            )
        );
    }

    public Task<IReadOnlyList<JobKey>> ListUnsettled(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<JobKey>>(session =>
            session.Query(
                JobNameSql.ListUnsettled,
                row => new JobKey(row.GetString(0), row.GetString(1)),
                ("@limit", limit)
            )
        );
    }

    private Task<int> Put(JobKey job, bool settled) =>
        database.Write(session =>
            session.Execute(
                JobNameSql.Put,
                ("@account", job.Account),
                ("@name", job.Name),
                ("@settled", settled ? 1L : 0L)
            )
        );
}
