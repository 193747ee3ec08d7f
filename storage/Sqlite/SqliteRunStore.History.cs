using System.Text.Json.Nodes;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

internal sealed partial class SqliteRunStore
{
    public Task<IReadOnlyList<EndedRun>> ListEndedBefore(DateTimeOffset instant, EndedRun? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.Read<IReadOnlyList<EndedRun>>(session =>
            session.Query(
                RunSql.ListEndedBefore,
                row => new EndedRun(RunRow.Instant(row, 0)!.Value, row.GetString(1), RunRow.Tenure(row, 2)),
                ("@before", RunRow.Milliseconds(instant)),
                ("@after", after is null ? long.MinValue : RunRow.Milliseconds(after.CompletedOn)),
                ("@afterId", after?.Id ?? string.Empty),
                ("@limit", limit)
            )
        );
    }

    public Task<int> Remove(IReadOnlyList<string> runIds)
    {
        if (runIds.Count == 0)
            return Task.FromResult(0);
        var ids = new JsonArray([.. runIds.Select(id => JsonValue.Create(id))]).ToJsonString();
        return database.Write(session => session.Execute(RunSql.Remove, ("@ids", ids)));
    }
}
