using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Over the partial index of runs that have not ended.</summary>
internal sealed class SqliteRunCensus(SqliteDatabase database) : IRunCensus
{
    private const string Sql = """
        SELECT state, is_flex, COUNT(*), SUM(dpus) FROM runs INDEXED BY runs_unfinished
        WHERE completed_on IS NULL
        GROUP BY state, is_flex
        """;

    public Task<IReadOnlyList<CensusLine>> Count() =>
        database.Read<IReadOnlyList<CensusLine>>(session =>
            session.Query(
                Sql,
                row => new CensusLine(
                    RunRow.StateNamed(row.GetString(0)),
                    row.GetInt64(1) == 1,
                    row.GetInt64(2),
                    row.GetDouble(3)
                )
            )
        );
}
