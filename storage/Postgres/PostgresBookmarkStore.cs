using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Postgres;

/// <summary>The bookmarks in PostgreSQL, in the database of the run table: a run and its bookmark are one commit.</summary>
internal sealed class PostgresBookmarkStore(PostgresDatabase database) : IBookmarkStore
{
    public async Task<BookmarkHead> Read(JobKey job) =>
        (await database.Query(BookmarkRow.ReadHead, BookmarkSql.Read.With(RunRow.Key(job)))).SingleOrDefault(
            new BookmarkHead(0, null)
        );

    public async Task<BookmarkEntry?> FindByRun(JobKey job, string runId) =>
        (
            await database.Query(
                BookmarkRow.Read,
                BookmarkSql.FindByRun.With([.. RunRow.Key(job), ("@runId", Value.Of(runId))])
            )
        ).SingleOrDefault();

    public async Task<BookmarkEntry?> FindByVersion(JobKey job, int version) =>
        (
            await database.Query(
                BookmarkRow.Read,
                BookmarkSql.FindByVersion.With([.. RunRow.Key(job), ("@version", Value.Of(version))])
            )
        ).SingleOrDefault();

    public async Task<IReadOnlyList<BookmarkEntry>> List(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return await database.Query(
            BookmarkRow.Read,
            BookmarkSql.List.With([
                .. RunRow.Key(job),
                ("@before", Value.Of(before ?? long.MaxValue)),
                ("@limit", Value.Of((long)limit)),
            ])
        );
    }

    public async Task<bool> AppendIfUnchanged(BookmarkEntry entry)
    {
        BookmarkInvariants.Check(entry);
        var appended = await database.Query(
            row => row.GetInt64(0),
            [.. BookmarkRow.LockableHead(entry), BookmarkSql.Append.With(BookmarkRow.Values(entry))]
        );
        return appended.Single() == 1;
    }

    public Task Delete(JobKey job) =>
        database.Execute(BookmarkSql.Invalidate.With(RunRow.Key(job)), BookmarkSql.DeleteAll.With(RunRow.Key(job)));
}
