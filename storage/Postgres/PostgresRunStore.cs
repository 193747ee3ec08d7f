using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>The run table in PostgreSQL: here, what writes it. Why the writes are right among others stands in
/// <see cref="RunSql"/> and <see cref="RunBatchSql"/>.</summary>
/// <remarks>A run is written together with others (<see cref="RunWriter"/>), or else by itself: when that has left it alone,
/// for whatever reason, when a row has to be made first that can then be locked, or when a bookmark is written with it.</remarks>
internal sealed partial class PostgresRunStore(PostgresDatabase database, RunWriter writer) : IRunStore
{
    public async Task<long> ClaimEpoch(JobKey job) =>
        (await database.Query(row => row.GetInt64(0), RunSql.ClaimEpoch.With(RunRow.Key(job)))).Single();

    public async Task<long> ClaimAccountEpoch(string account) =>
        (
            await database.Query(row => row.GetInt64(0), RunSql.ClaimAccountEpoch.With(("@account", Value.Of(account))))
        ).Single();

    public async Task<CreateResult> TryCreate(RunRecord run, AdmissionEpochs epochs)
    {
        RunInvariants.Check(run);
        if (AreLockable(epochs) && await writer.Write(RunWrite.Creation(run, epochs)))
            return CreateResult.Created;

        var create = RunSql.Create.With([.. RunRow.Origin(run), .. RunRow.Progress(run), .. Values(epochs)]);
        List<NpgsqlBatchCommand> statements = [.. LockableEpochs(run.Job, epochs), create];
        if (RunId.IsSuccessor(run))
            statements.Add(RunSql.SettleSuccessor.With(RunRow.Succession(run)));
        await database.Execute(statements);
        return create.RecordsAffected == 1 ? CreateResult.Created : await WhyNotCreated(run, epochs);
    }

    public async Task<SaveResult> SaveIfUnchanged(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission = null,
        BookmarkEntry? bookmark = null
    )
    {
        RunInvariants.CheckNextVersion(run, expectedVersion);
        if (
            bookmark is null
            && (admission is not { } under || AreLockable(under))
            && await writer.Write(RunWrite.Change(run, expectedVersion, admission))
        )
            return SaveResult.Saved;

        (string, NpgsqlParameter)[] values =
        [
            ("@id", Value.Of(run.Id)),
            ("@expected", Value.Of(expectedVersion)),
            .. RunRow.Progress(run),
        ];
        var saved = (admission, bookmark) switch
        {
            (null, null) => await database.Execute(RunSql.Save.With(values)),
            ({ } epochs, null) => await SaveAdmission(run, epochs, values),
            (null, { } entry) => await SaveWithBookmark(run, entry, values),
            _ => throw new ArgumentException(
                $"Run '{run.Id}' cannot take a slot and succeed in one write.",
                nameof(bookmark)
            ),
        };
        return saved == 1 ? SaveResult.Saved : await WhyNotSaved(run, expectedVersion, admission, bookmark);
    }

    public Task<int> Remove(IReadOnlyList<string> runIds) =>
        runIds.Count == 0 ? Task.FromResult(0) : database.Execute(RunSql.Remove.With(("@ids", Value.Of(runIds))));

    private Task<int> SaveAdmission(RunRecord run, AdmissionEpochs epochs, (string, NpgsqlParameter)[] values) =>
        database.Execute([
            .. LockableEpochs(run.Job, epochs),
            RunSql.SaveAdmission.With([.. values, .. RunRow.Key(run.Job), .. Values(epochs)]),
        ]);

    private async Task<int> SaveWithBookmark(RunRecord run, BookmarkEntry entry, (string, NpgsqlParameter)[] values)
    {
        BookmarkInvariants.CheckWrittenBy(entry, run);
        var saved = await database.Query(
            row => row.GetInt32(0),
            [
                .. BookmarkRow.LockableHead(entry),
                RunSql.SaveWithBookmark.With([.. values, .. BookmarkRow.Values(entry)]),
            ]
        );
        return saved.Single();
    }

    /// <remarks>When the cause is gone meanwhile, which takes the removal of a run, "load and decide again" is right too.</remarks>
    private async Task<CreateResult> WhyNotCreated(RunRecord run, AdmissionEpochs epochs)
    {
        var (isTaken, job, account) = (
            await database.Query(
                row => (row.GetBoolean(0), row.GetInt64(1), row.GetInt64(2)),
                RunSql.WhyNotCreated.With(RunRow.Key(run))
            )
        ).Single();
        return isTaken ? CreateResult.IdTaken
            : job != epochs.Job ? CreateResult.Fenced
            : epochs.Account is { } claimed && account != claimed ? CreateResult.FencedByAccount
            : CreateResult.OrdinalTaken;
    }

    /// <remarks>Versions, revisions and epochs only rise, so what stood in the way still does.</remarks>
    private async Task<SaveResult> WhyNotSaved(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission,
        BookmarkEntry? bookmark
    )
    {
        var rows = await database.Query(
            row =>
                (Version: row.GetInt64(0), Revision: row.GetInt64(1), Job: row.GetInt64(2), Account: row.GetInt64(3)),
            RunSql.WhyNotSaved.With(RunRow.Key(run))
        );
        if (rows is not [var now])
            return SaveResult.Gone;
        if (now.Version != expectedVersion)
            return SaveResult.Stale;
        if (bookmark is not null && now.Revision != bookmark.Revision - 1)
            return SaveResult.BookmarkStale;
        if (admission is not { } epochs)
            return SaveResult.Stale;
        return now.Job == epochs.Job ? SaveResult.FencedByAccount : SaveResult.Fenced;
    }

    /// <summary>An epoch above 0 was claimed, so it has a row; and it keeps that.</summary>
    private static bool AreLockable(AdmissionEpochs epochs) => epochs is { Job: > 0, Account: null or > 0 };

    /// <summary>What makes sure that the rows are there which a write under these epochs locks.</summary>
    private static IEnumerable<NpgsqlBatchCommand> LockableEpochs(JobKey job, AdmissionEpochs epochs)
    {
        if (epochs.Job == 0)
            yield return RunSql.EnsureJobEpoch.With(RunRow.Key(job));
        if (epochs.Account == 0)
            yield return RunSql.EnsureAccountEpoch.With(("@account", Value.Of(job.Account)));
    }

    private static (string, NpgsqlParameter)[] Values(AdmissionEpochs epochs) =>
        [("@jobEpoch", Value.Of(epochs.Job)), ("@accountEpoch", Value.Of(epochs.Account))];
}
