using System.Text.Json;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

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
    internal static Func<NpgsqlDataReader, RunRecord> Reader()
    {
        var settings = new SettingsReader();
        return row => Read(row, settings);
    }

    private static RunRecord Read(NpgsqlDataReader row, SettingsReader settings) =>
        new()
        {
            Job = Job(row),
            Id = Text(row, 2),
            Ordinal = row.GetInt64(3),
            Version = row.GetInt64(4),
            State = State(row, 5),
            EndsAs = StateOrNull(row, 6),
            Attempt = row.GetInt32(7),
            PreviousRunId = TextOrNull(row, 8),
            TriggerName = TextOrNull(row, 9),
            StartedOn = Instant(row, 10),
            RunningSince = InstantOrNull(row, 11),
            LastModifiedOn = Instant(row, 12),
            CompletedOn = InstantOrNull(row, 13),
            DeadlineAt = InstantOrNull(row, 14),
            DueAt = InstantOrNull(row, 15),
            DelayNotifiedIn = StateOrNull(row, 16),
            SuccessorDueAt = InstantOrNull(row, 17),
            StateDetail = TextOrNull(row, 18),
            ErrorMessage = TextOrNull(row, 19),
            Settings = settings.Read(row.GetString(20)),
            Executor = row.IsDBNull(21) ? null : Tenure(row, 21),
        };

    /// <summary>Of a row that begins with account and job name.</summary>
    internal static JobKey Job(NpgsqlDataReader row) => new(Text(row, 0), Text(row, 1));

    internal static string Text(NpgsqlDataReader row, int column) => DatabaseText.Decode(row.GetString(column));

    internal static string? TextOrNull(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Text(row, column);

    internal static DateTimeOffset Instant(NpgsqlDataReader row, int column) =>
        row.GetFieldValue<DateTimeOffset>(column);

    /// <summary>Of two columns, this one and the next.</summary>
    internal static ExecutorTenure Tenure(NpgsqlDataReader row, int column) =>
        new(Text(row, column), row.GetInt64(column + 1));

    internal static JobRunState State(NpgsqlDataReader row, int column) => StatesByName[row.GetString(column)];

    /// <summary>What stays as it is once the run is created.</summary>
    internal static (string, NpgsqlParameter)[] Origin(RunRecord run) =>
        [
            .. Key(run),
            ("@ordinal", Value.Of(run.Ordinal)),
            ("@attempt", Value.Of(run.Attempt)),
            ("@previous", Value.Of(run.PreviousRunId)),
            ("@trigger", Value.Of(run.TriggerName)),
            ("@dpus", Value.Of(run.Settings.MaxCapacity)),
            ("@isFlex", Value.Of(run.Settings.IsFlex)),
            ("@settings", Value.Of(JsonSerializer.Serialize(run.Settings, RunSettingsJson.Compact.RunSettings))),
        ];

    internal static (string, NpgsqlParameter)[] Key(RunRecord run) => [("@id", Value.Of(run.Id)), .. Key(run.Job)];

    /// <summary>Of <see cref="RunSql.SettleSuccessor"/>.</summary>
    internal static (string, NpgsqlParameter)[] Succession(RunRecord run) =>
        [.. Key(run), ("@previous", Value.Of(run.PreviousRunId))];

    internal static (string, NpgsqlParameter)[] Key(JobKey job) =>
        [("@account", Value.Of(job.Account)), ("@job", Value.Of(job.Name))];

    /// <summary>What every save replaces.</summary>
    internal static (string, NpgsqlParameter)[] Progress(RunRecord run) =>
        [
            ("@version", Value.Of(run.Version)),
            ("@state", Value.Of(run.State.ToGlueName())),
            ("@endsAs", Value.Of(run.EndsAs?.ToGlueName())),
            ("@startedOn", Value.Of(run.StartedOn)),
            ("@runningSince", Value.Of(run.RunningSince)),
            ("@lastModifiedOn", Value.Of(run.LastModifiedOn)),
            ("@completedOn", Value.Of(run.CompletedOn)),
            ("@deadlineAt", Value.Of(run.DeadlineAt)),
            ("@dueAt", Value.Of(run.DueAt)),
            ("@delayNotifiedIn", Value.Of(run.DelayNotifiedIn?.ToGlueName())),
            ("@successorDueAt", Value.Of(run.SuccessorDueAt)),
            ("@stateDetail", Value.Of(run.StateDetail)),
            ("@error", Value.Of(run.ErrorMessage)),
            ("@executorNode", Value.Of(run.Executor?.Node)),
            ("@executorEpoch", Value.Of(run.Executor?.Epoch)),
        ];

    private static DateTimeOffset? InstantOrNull(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Instant(row, column);

    private static JobRunState? StateOrNull(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : State(row, column);
}
