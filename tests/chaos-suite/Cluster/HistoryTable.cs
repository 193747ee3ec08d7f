using GlueOrleans.Tests.ChaosSuite.Checker;
using Npgsql;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>
/// Has the database itself write down every version of every row of the run table, in the transaction that makes it, and reads
/// that back. Connects past the proxies.
/// </summary>
internal sealed class HistoryTable(string connectionString) : IAsyncDisposable
{
    private const string Install = """
        CREATE TABLE chaos_history (
            sequence bigserial PRIMARY KEY, at double precision NOT NULL, deleted boolean NOT NULL,
            id text NOT NULL, job text NOT NULL, ordinal bigint NOT NULL, version bigint NOT NULL, state text NOT NULL,
            ends_as text, attempt integer NOT NULL, previous_run_id text, node text, epoch bigint, owes boolean NOT NULL,
            error_message text);
        CREATE FUNCTION chaos_record() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE run runs%ROWTYPE;
        BEGIN
            IF TG_OP = 'DELETE' THEN run := OLD; ELSE run := NEW; END IF;
            INSERT INTO chaos_history (at, deleted, id, job, ordinal, version, state, ends_as, attempt, previous_run_id,
                                       node, epoch, owes, error_message)
            VALUES (split_part(pg_read_file('/proc/uptime'), ' ', 1)::double precision, TG_OP = 'DELETE', run.id,
                    run.job_name, run.ordinal, run.version, run.state, run.ends_as, run.attempt, run.previous_run_id,
                    run.executor_node, run.executor_epoch, run.successor_due_at IS NOT NULL, run.error_message);
            RETURN NULL;
        END $$;
        CREATE TRIGGER chaos_record AFTER INSERT OR UPDATE OR DELETE ON runs
            FOR EACH ROW EXECUTE FUNCTION chaos_record();
        """;

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(connectionString);

    /// <summary>To be called when the first silo has made the schema, and before the first run.</summary>
    public async Task Begin()
    {
        await using var command = _database.CreateCommand(Install);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<IReadOnlyList<RunVersion>> Read()
    {
        await using var command = _database.CreateCommand(
            """
            SELECT sequence, at, id, job, ordinal, version, state, ends_as, attempt, previous_run_id, node, epoch, owes,
                   error_message, deleted
            FROM chaos_history ORDER BY sequence
            """
        );
        await using var rows = await command.ExecuteReaderAsync();
        List<RunVersion> versions = [];
        while (await rows.ReadAsync())
        {
            versions.Add(
                new RunVersion(
                    rows.GetInt64(0),
                    rows.GetDouble(1),
                    rows.GetString(2),
                    rows.GetString(3),
                    rows.GetInt64(4),
                    rows.GetInt64(5),
                    rows.GetString(6)
                )
                {
                    EndsAs = Text(7),
                    Attempt = rows.GetInt32(8),
                    PreviousRunId = Text(9),
                    Node = Text(10),
                    Epoch = rows.IsDBNull(11) ? null : rows.GetInt64(11),
                    OwesSuccessor = rows.GetBoolean(12),
                    ErrorMessage = Text(13),
                    IsDeleted = rows.GetBoolean(14),
                }
            );
        }

        return versions;

        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
    }

    public async Task<IReadOnlyList<string>> ReadBookmarks()
    {
        await using var command = _database.CreateCommand(
            "SELECT run_id FROM bookmark_entries WHERE run_id IS NOT NULL"
        );
        await using var rows = await command.ExecuteReaderAsync();
        List<string> runs = [];
        while (await rows.ReadAsync())
            runs.Add(rows.GetString(0));
        return runs;
    }

    /// <summary>How many runs of each job have not ended, or are owed a successor.</summary>
    public async Task<IReadOnlyDictionary<string, int>> Unsettled()
    {
        await using var command = _database.CreateCommand(
            """
            SELECT job_name, count(*)::integer FROM runs
            WHERE completed_on IS NULL OR successor_due_at IS NOT NULL GROUP BY job_name
            """
        );
        command.CommandTimeout = 3;
        await using var rows = await command.ExecuteReaderAsync();
        var jobs = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await rows.ReadAsync())
            jobs.Add(rows.GetString(0), rows.GetInt32(1));
        return jobs;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
