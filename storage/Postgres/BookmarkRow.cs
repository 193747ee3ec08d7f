using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.Grains.Ports;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Between an entry and its row.</summary>
internal static class BookmarkRow
{
    /// <summary>The columns as <see cref="BookmarkSql"/> names them.</summary>
    internal static BookmarkEntry Read(NpgsqlDataReader row) =>
        new()
        {
            Job = RunRow.Job(row),
            Revision = row.GetInt64(2),
            Version = row.GetInt32(3),
            Run = row.GetInt32(4),
            Attempt = row.GetInt32(5),
            RunId = RunRow.TextOrNull(row, 6),
            PreviousRunId = RunRow.TextOrNull(row, 7),
            State = RunRow.Text(row, 8),
        };

    internal static BookmarkHead ReadHead(NpgsqlDataReader row) =>
        new(row.GetInt64(9), row.IsDBNull(0) ? null : Read(row), row.GetInt64(10));

    /// <summary>Of <see cref="BookmarkSql.AppendedWhen"/> and <see cref="BookmarkSql.LockedHead"/>.</summary>
    internal static (string, NpgsqlParameter)[] Values(BookmarkEntry entry) =>
        [
            .. RunRow.Key(entry.Job),
            ("@revision", Value.Of(entry.Revision)),
            ("@bookmarkVersion", Value.Of(entry.Version)),
            ("@run", Value.Of(entry.Run)),
            ("@bookmarkAttempt", Value.Of(entry.Attempt)),
            ("@runId", Value.Of(entry.RunId)),
            ("@previousRunId", Value.Of(entry.PreviousRunId)),
            ("@bookmark", Value.Of(entry.State)),
            ("@dropped", Value.Of(entry.Revision - IBookmarkStore.KeptEntries)),
        ];

    /// <summary>What makes sure that there is a head to lock.</summary>
    internal static IEnumerable<NpgsqlBatchCommand> LockableHead(BookmarkEntry entry)
    {
        if (entry.Revision == 1)
            yield return BookmarkSql.EnsureHead.With(RunRow.Key(entry.Job));
    }
}
