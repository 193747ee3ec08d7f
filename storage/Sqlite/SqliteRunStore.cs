using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>The run table in SQLite.</summary>
internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    public Task<long> ClaimEpoch(JobKey job) =>
        database.Write(session =>
            session
                .Query(RunSql.ClaimEpoch, row => row.GetInt64(0), ("@account", job.Account), ("@job", job.Name))
                .Single()
        );

    public Task<CreateResult> TryCreate(RunRecord run, long epoch)
    {
        RunInvariants.Check(run);
        // On the caller's thread: the writer's is the one that everybody waits for.
        var settings = RunRow.SettingsOf(run);
        return database.Write(session =>
        {
            var created = session.Execute(
                RunSql.Create,
                ("@account", run.Job.Account),
                ("@job", run.Job.Name),
                ("@id", run.Id),
                ("@ordinal", run.Ordinal),
                ("@version", run.Version),
                ("@state", run.State.ToGlueName()),
                ("@endsAs", run.EndsAs?.ToGlueName()),
                ("@attempt", run.Attempt),
                ("@previous", run.PreviousRunId),
                ("@startedOn", RunRow.Milliseconds(run.StartedOn)),
                ("@runningSince", RunRow.Milliseconds(run.RunningSince)),
                ("@lastModifiedOn", RunRow.Milliseconds(run.LastModifiedOn)),
                ("@completedOn", RunRow.Milliseconds(run.CompletedOn)),
                ("@dueAt", RunRow.Milliseconds(run.DueAt)),
                ("@error", run.ErrorMessage),
                ("@settings", settings),
                ("@epoch", epoch)
            );
            if (created == 1)
                return CreateResult.Created;
            if (session.Exists(RunSql.Exists, ("@id", run.Id)))
                return CreateResult.IdTaken;
            return IsCurrent(session, run.Job, epoch) ? CreateResult.OrdinalTaken : CreateResult.Fenced;
        });
    }

    public Task<SaveResult> SaveIfUnchanged(RunRecord run, long expectedVersion)
    {
        RunInvariants.CheckNextVersion(run, expectedVersion);
        return database.Write(session =>
        {
            var saved = session.Execute(
                RunSql.Save,
                ("@id", run.Id),
                ("@expected", expectedVersion),
                ("@version", run.Version),
                ("@state", run.State.ToGlueName()),
                ("@endsAs", run.EndsAs?.ToGlueName()),
                ("@startedOn", RunRow.Milliseconds(run.StartedOn)),
                ("@runningSince", RunRow.Milliseconds(run.RunningSince)),
                ("@lastModifiedOn", RunRow.Milliseconds(run.LastModifiedOn)),
                ("@completedOn", RunRow.Milliseconds(run.CompletedOn)),
                ("@dueAt", RunRow.Milliseconds(run.DueAt)),
                ("@error", run.ErrorMessage)
            );
            if (saved == 1)
                return SaveResult.Saved;
            return session.Exists(RunSql.Exists, ("@id", run.Id)) ? SaveResult.Stale : SaveResult.Gone;
        });
    }

    public Task<RunRecord?> Find(string runId) =>
        database.Read(session => session.Query(RunSql.Find, RunRow.Read, ("@id", runId)).FirstOrDefault());

    public Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<RunRecord>>(session =>
            session.Query(
                RunSql.ListByJob,
                RunRow.Read,
                ("@account", job.Account),
                ("@job", job.Name),
                ("@before", before ?? long.MaxValue),
                ("@limit", limit)
            )
        );
    }

    public Task<JobRoster> LoadRoster(JobKey job) =>
        database.Read(session =>
        {
            var rows = session.Query(
                RunSql.LoadRoster,
                row => (Ordinal: row.IsDBNull(0) ? 0 : row.GetInt64(0), Id: row.IsDBNull(1) ? null : row.GetString(1)),
                ("@account", job.Account),
                ("@job", job.Name)
            );
            return new JobRoster(
                rows.Single(row => row.Id is null).Ordinal,
                [.. rows.Select(row => row.Id).OfType<string>()]
            );
        });

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

    /// <remarks>0 is the epoch of a job of which none was claimed.</remarks>
    private static bool IsCurrent(SqliteSession session, JobKey job, long epoch) =>
        session
            .Query(RunSql.Epoch, row => row.GetInt64(0), ("@account", job.Account), ("@job", job.Name))
            .SingleOrDefault() == epoch;
}
