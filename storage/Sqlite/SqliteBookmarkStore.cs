using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>The bookmarks in SQLite, in the file of the run table: a run and its bookmark are one commit.</summary>
internal sealed class SqliteBookmarkStore(SqliteDatabase database) : IBookmarkStore
{
    public Task<BookmarkHead> Read(JobKey job) =>
        database.Read(session =>
            session
                .Query(BookmarkSql.Read, BookmarkRow.ReadHead, ("@account", job.Account), ("@job", job.Name))
                .SingleOrDefault(new BookmarkHead(0, null))
        );

    public Task<BookmarkEntry?> FindByRun(JobKey job, string runId) =>
        database.Read(session =>
            session
                .Query(
                    BookmarkSql.FindByRun,
                    BookmarkRow.Read,
                    ("@account", job.Account),
                    ("@job", job.Name),
                    ("@runId", runId)
                )
                .FirstOrDefault()
        );

    public Task<BookmarkEntry?> FindByVersion(JobKey job, int version) =>
        database.Read(session =>
            session
                .Query(
                    BookmarkSql.FindByVersion,
                    BookmarkRow.Read,
                    ("@account", job.Account),
                    ("@job", job.Name),
                    ("@version", version)
                )
                .FirstOrDefault()
        );

    public Task<IReadOnlyList<BookmarkEntry>> List(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<BookmarkEntry>>(session =>
            session.Query(
                BookmarkSql.List,
                BookmarkRow.Read,
                ("@account", job.Account),
                ("@job", job.Name),
                ("@before", before ?? long.MaxValue),
                ("@limit", limit)
            )
        );
    }

    public Task<bool> AppendIfUnchanged(BookmarkEntry entry)
    {
        BookmarkInvariants.Check(entry);
        return database.Write(session =>
            session.AllOrNothing(() =>
            {
                if (!BookmarkRow.IsNext(session, entry))
                    return false;
                BookmarkRow.Append(session, entry);
                return true;
            })
        );
    }

    public Task Delete(JobKey job) =>
        database.Write(session =>
            session.AllOrNothing(() =>
            {
                session.Execute(BookmarkSql.Invalidate, ("@account", job.Account), ("@job", job.Name));
                return session.Execute(
                    BookmarkSql.DeleteUpTo,
                    ("@account", job.Account),
                    ("@job", job.Name),
                    ("@revision", long.MaxValue)
                );
            })
        );
}
