using System.Text.Json;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Between a run and the values of its row.</summary>
internal static class RunRow
{
    /// <summary>In the order in which <see cref="Reader"/> takes them.</summary>
    internal const string Columns =
        "account, job_name, id, ordinal, version, state, ends_as, attempt, previous_run_id, trigger_name, started_on, "
        + "running_since, last_modified_on, completed_on, deadline_at, due_at, delay_notified_in, successor_due_at, "
        + "state_detail, error_message, settings, executor_node, executor_epoch";

    private static readonly Dictionary<string, JobRunState> StatesByName = Enum.GetValues<JobRunState>()
        .Where(state => state != JobRunState.Unset)
        .ToDictionary(state => state.ToGlueName(), StringComparer.Ordinal);

    /// <summary>Of the rows of one query, in their order.</summary>
    internal static Func<SqliteDataReader, RunRecord> Reader()
    {
        var settings = new SettingsReader();
        return row => Read(row, settings);
    }

    private static RunRecord Read(SqliteDataReader row, SettingsReader settings) =>
        new()
        {
            Job = new JobKey(row.GetString(0), row.GetString(1)),
            Id = row.GetString(2),
            Ordinal = row.GetInt64(3),
            Version = row.GetInt64(4),
            State = StatesByName[row.GetString(5)],
            EndsAs = State(row, 6),
            Attempt = row.GetInt32(7),
            PreviousRunId = Text(row, 8),
            TriggerName = Text(row, 9),
            StartedOn = Instant(row, 10)!.Value,
            RunningSince = Instant(row, 11),
            LastModifiedOn = Instant(row, 12)!.Value,
            CompletedOn = Instant(row, 13),
            DeadlineAt = Instant(row, 14),
            DueAt = Instant(row, 15),
            DelayNotifiedIn = State(row, 16),
            SuccessorDueAt = Instant(row, 17),
            StateDetail = Text(row, 18),
            ErrorMessage = Text(row, 19),
            Settings = settings.Read(row.GetString(20)),
            Executor = Tenure(row, 21),
        };

    internal static string SettingsOf(RunRecord run) =>
        JsonSerializer.Serialize(run.Settings, RunSettingsJson.Compact.RunSettings);

    internal static JobRunState StateNamed(string name) => StatesByName[name];

    /// <summary>Milliseconds since 1970, rounded down.</summary>
    internal static long Milliseconds(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();

    internal static long? Milliseconds(DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds();

    internal static string? Text(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    internal static DateTimeOffset? Instant(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    /// <summary>Of two columns, this one and the next.</summary>
    internal static ExecutorTenure? Tenure(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : new ExecutorTenure(row.GetString(column), row.GetInt64(column + 1));

    private static JobRunState? State(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : StatesByName[row.GetString(column)];
}
