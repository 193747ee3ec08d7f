using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Over the partial index of runs that have not ended.</summary>
internal sealed class PostgresRunCensus(PostgresDatabase database) : IRunCensus
{
    private static readonly Statement Count = new(
        """
        SELECT state, is_flex, count(*), sum(dpus)::float8 FROM runs WHERE completed_on IS NULL GROUP BY state, is_flex
        """
    );

    async Task<IReadOnlyList<CensusLine>> IRunCensus.Count() =>
        await database.Query(
            row => new CensusLine(RunRow.State(row, 0), row.GetBoolean(1), row.GetInt64(2), row.GetDouble(3)),
            Count.With()
        );
}
