using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Between an entry and its row; and the one way to add one, for whoever is in a transaction.</summary>
internal static class BookmarkRow
{
    /// <summary>The columns as <see cref="BookmarkSql"/> names them.</summary>
    internal static BookmarkEntry Read(SqliteDataReader row) =>
        new()
        {
            Job = new JobKey(row.GetString(0), row.GetString(1)),
            Revision = row.GetInt64(2),
            Version = row.GetInt32(3),
            Run = row.GetInt32(4),
            Attempt = row.GetInt32(5),
            RunId = row.IsDBNull(6) ? null : row.GetString(6),
            PreviousRunId = row.IsDBNull(7) ? null : row.GetString(7),
            State = row.GetString(8),
        };

    internal static BookmarkHead ReadHead(SqliteDataReader row) =>
        new(row.GetInt64(9), row.IsDBNull(0) ? null : Read(row), row.GetInt64(10));

    /// <summary>Whether the bookmark is still what the entry was made from.</summary>
    internal static bool IsNext(SqliteSession session, BookmarkEntry entry) =>
        session
            .Query(
                BookmarkSql.Revision,
                row => row.GetInt64(0),
                ("@account", entry.Job.Account),
                ("@job", entry.Job.Name)
            )
            .SingleOrDefault()
        == entry.Revision - 1;

    /// <summary>Several statements: only inside <see cref="SqliteSession.AllOrNothing"/>, after <see cref="IsNext"/>.</summary>
    internal static void Append(SqliteSession session, BookmarkEntry entry)
    {
        var (account, job) = (entry.Job.Account, entry.Job.Name);
        session.Execute(BookmarkSql.Advance, ("@account", account), ("@job", job), ("@revision", entry.Revision));
        session.Execute(
            BookmarkSql.Insert,
            ("@account", account),
            ("@job", job),
            ("@revision", entry.Revision),
            ("@version", entry.Version),
            ("@run", entry.Run),
            ("@attempt", entry.Attempt),
            ("@runId", entry.RunId),
            ("@previous", entry.PreviousRunId),
            ("@state", entry.State)
        );
        session.Execute(
            BookmarkSql.DeleteUpTo,
            ("@account", account),
            ("@job", job),
            ("@revision", entry.Revision - IBookmarkStore.KeptEntries)
        );
    }
}
