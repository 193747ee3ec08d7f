using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>The run table in SQLite. What jobs and accounts read of it is in <c>SqliteRunStore.Rosters.cs</c>.</summary>
internal sealed partial class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    public Task<long> ClaimEpoch(JobKey job) =>
        database.Write(session =>
            session
                .Query(RunSql.ClaimEpoch, row => row.GetInt64(0), ("@account", job.Account), ("@job", job.Name))
                .Single()
        );

    public Task<long> ClaimAccountEpoch(string account) =>
        database.Write(session =>
            session.Query(RunSql.ClaimAccountEpoch, row => row.GetInt64(0), ("@account", account)).Single()
        );

    public Task<CreateResult> TryCreate(RunRecord run, AdmissionEpochs epochs)
    {
        RunInvariants.Check(run);
        // On the caller's thread: the writer's is the one that everybody waits for.
        var settings = RunRow.SettingsOf(run);
        return !RunId.IsSuccessor(run)
            ? database.Write(session => Create(session, run, epochs, settings))
            : database.Write(session => session.AllOrNothing(() => Create(session, run, epochs, settings)));
    }

    public Task<SaveResult> SaveIfUnchanged(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission,
        BookmarkEntry? bookmark
    )
    {
        RunInvariants.CheckNextVersion(run, expectedVersion);
        if (bookmark is null)
            return database.Write(session => Save(session, run, expectedVersion, admission));

        BookmarkInvariants.CheckWrittenBy(bookmark, run);
        return database.Write(session =>
            session.AllOrNothing(() => SaveWithBookmark(session, run, expectedVersion, admission, bookmark))
        );
    }

    private static SaveResult Save(
        SqliteSession session,
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission
    )
    {
        ReadOnlySpan<(string, object?)> values =
        [
            ("@id", run.Id),
            ("@expected", expectedVersion),
            ("@version", run.Version),
            ("@state", run.State.ToGlueName()),
            ("@endsAs", run.EndsAs?.ToGlueName()),
            ("@startedOn", RunRow.Milliseconds(run.StartedOn)),
            ("@runningSince", RunRow.Milliseconds(run.RunningSince)),
            ("@lastModifiedOn", RunRow.Milliseconds(run.LastModifiedOn)),
            ("@completedOn", RunRow.Milliseconds(run.CompletedOn)),
            ("@deadlineAt", RunRow.Milliseconds(run.DeadlineAt)),
            ("@dueAt", RunRow.Milliseconds(run.DueAt)),
            ("@delayNotifiedIn", run.DelayNotifiedIn?.ToGlueName()),
            ("@successorDueAt", RunRow.Milliseconds(run.SuccessorDueAt)),
            ("@stateDetail", run.StateDetail),
            ("@error", run.ErrorMessage),
            ("@executorNode", run.Executor?.Node),
            ("@executorEpoch", run.Executor?.Epoch),
        ];
        var saved = admission is { } epochs
            ? session.Execute(
                RunSql.SaveAdmission,
                [
                    .. values,
                    ("@account", run.Job.Account),
                    ("@job", run.Job.Name),
                    ("@jobEpoch", epochs.Job),
                    ("@accountEpoch", epochs.Account),
                ]
            )
            : session.Execute(RunSql.Save, values);
        return saved == 1 ? SaveResult.Saved : WhyNotSaved(session, run, expectedVersion, admission);
    }

    /// <summary>The bookmark is looked at first, and only spoken of when the row is as expected.</summary>
    private static SaveResult SaveWithBookmark(
        SqliteSession session,
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission,
        BookmarkEntry bookmark
    )
    {
        if (!BookmarkRow.IsNext(session, bookmark))
        {
            return session.Query(RunSql.Version, row => row.GetInt64(0), ("@id", run.Id)) switch
            {
                [] => SaveResult.Gone,
                [var version] when version == expectedVersion => SaveResult.BookmarkStale,
                _ => SaveResult.Stale,
            };
        }

        var saved = Save(session, run, expectedVersion, admission);
        if (saved == SaveResult.Saved)
            BookmarkRow.Append(session, bookmark);
        return saved;
    }

    public Task<RunRecord?> Find(string runId) =>
        database.Read(session => session.Query(RunSql.Find, RunRow.Reader(), ("@id", runId)).FirstOrDefault());

    public Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<RunRecord>>(session =>
            session.Query(
                RunSql.ListByJob,
                RunRow.Reader(),
                ("@account", job.Account),
                ("@job", job.Name),
                ("@before", before ?? long.MaxValue),
                ("@limit", limit)
            )
        );
    }

    private static CreateResult Create(SqliteSession session, RunRecord run, AdmissionEpochs epochs, string settings)
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
            ("@trigger", run.TriggerName),
            ("@startedOn", RunRow.Milliseconds(run.StartedOn)),
            ("@runningSince", RunRow.Milliseconds(run.RunningSince)),
            ("@lastModifiedOn", RunRow.Milliseconds(run.LastModifiedOn)),
            ("@completedOn", RunRow.Milliseconds(run.CompletedOn)),
            ("@deadlineAt", RunRow.Milliseconds(run.DeadlineAt)),
            ("@dueAt", RunRow.Milliseconds(run.DueAt)),
            ("@delayNotifiedIn", run.DelayNotifiedIn?.ToGlueName()),
            ("@successorDueAt", RunRow.Milliseconds(run.SuccessorDueAt)),
            ("@dpus", run.Settings.MaxCapacity),
            ("@isFlex", run.Settings.IsFlex ? 1L : 0L),
            ("@stateDetail", run.StateDetail),
            ("@error", run.ErrorMessage),
            ("@executorNode", run.Executor?.Node),
            ("@executorEpoch", run.Executor?.Epoch),
            ("@settings", settings),
            ("@jobEpoch", epochs.Job),
            ("@accountEpoch", epochs.Account)
        );
        if (created == 1)
        {
            if (RunId.IsSuccessor(run))
                SettleSuccessor(session, run);
            return CreateResult.Created;
        }

        if (session.Exists(RunSql.Exists, ("@id", run.Id)))
            return CreateResult.IdTaken;
        var current = CurrentEpochs(session, run.Job);
        return current.Job != epochs.Job ? CreateResult.Fenced
            : epochs.Account is { } account && current.Account != account ? CreateResult.FencedByAccount
            : CreateResult.OrdinalTaken;
    }

    private static void SettleSuccessor(SqliteSession session, RunRecord run) =>
        session.Execute(
            RunSql.SettleSuccessor,
            ("@previous", run.PreviousRunId),
            ("@account", run.Job.Account),
            ("@job", run.Job.Name)
        );

    private static SaveResult WhyNotSaved(
        SqliteSession session,
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission
    )
    {
        var versions = session.Query(RunSql.Version, row => row.GetInt64(0), ("@id", run.Id));
        if (versions.Count == 0)
            return SaveResult.Gone;
        if (versions[0] != expectedVersion || admission is not { } epochs)
            return SaveResult.Stale;
        return CurrentEpochs(session, run.Job).Job == epochs.Job ? SaveResult.FencedByAccount : SaveResult.Fenced;
    }

    private static AdmissionEpochs CurrentEpochs(SqliteSession session, JobKey job) =>
        session
            .Query(
                RunSql.Epochs,
                row => new AdmissionEpochs(row.GetInt64(0), row.GetInt64(1)),
                ("@account", job.Account),
                ("@job", job.Name)
            )
            .Single();
}
