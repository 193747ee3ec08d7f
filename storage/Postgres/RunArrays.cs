using GlueOrleans.GrainInterfaces.Runs;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Between writes of many runs and the arrays of <see cref="RunBatchSql"/>: one for each column.</summary>
internal static class RunArrays
{
    internal static NpgsqlBatchCommand Creation(IReadOnlyList<RunWrite> writes) =>
        RunBatchSql.Create.With([
            .. Common(writes),
            ("@ordinal", Value.Column(writes, write => write.Run.Ordinal)),
            ("@attempt", Value.Column(writes, write => write.Run.Attempt)),
            ("@previous", Value.Column(writes, write => write.Run.PreviousRunId)),
            ("@trigger", Value.Column(writes, write => write.Run.TriggerName)),
            ("@dpus", Value.Column(writes, write => write.Run.Settings.MaxCapacity)),
            ("@isFlex", Value.Column(writes, write => write.Run.Settings.IsFlex)),
            ("@settings", Value.Column(writes, write => write.Settings)),
        ]);

    internal static NpgsqlBatchCommand Change(IReadOnlyList<RunWrite> writes) =>
        RunBatchSql.Save.With([.. Common(writes), ("@expected", Value.Column(writes, write => write.ExpectedVersion))]);

    private static (string, NpgsqlParameter)[] Common(IReadOnlyList<RunWrite> writes) =>
        [
            ("@id", Value.Column(writes, write => write.Run.Id)),
            ("@account", Value.Column(writes, write => write.Run.Job.Account)),
            ("@job", Value.Column(writes, write => write.Run.Job.Name)),
            ("@version", Value.Column(writes, write => write.Run.Version)),
            ("@state", Value.Column(writes, write => write.Run.State.ToGlueName())),
            ("@endsAs", Value.Column(writes, write => write.Run.EndsAs?.ToGlueName())),
            ("@startedOn", Value.Column(writes, write => write.Run.StartedOn)),
            ("@runningSince", Value.Column(writes, write => write.Run.RunningSince)),
            ("@lastModifiedOn", Value.Column(writes, write => write.Run.LastModifiedOn)),
            ("@completedOn", Value.Column(writes, write => write.Run.CompletedOn)),
            ("@deadlineAt", Value.Column(writes, write => write.Run.DeadlineAt)),
            ("@dueAt", Value.Column(writes, write => write.Run.DueAt)),
            ("@delayNotifiedIn", Value.Column(writes, write => write.Run.DelayNotifiedIn?.ToGlueName())),
            ("@successorDueAt", Value.Column(writes, write => write.Run.SuccessorDueAt)),
            ("@stateDetail", Value.Column(writes, write => write.Run.StateDetail)),
            ("@error", Value.Column(writes, write => write.Run.ErrorMessage)),
            ("@executorNode", Value.Column(writes, write => write.Run.Executor?.Node)),
            ("@executorEpoch", Value.Column(writes, write => write.Run.Executor?.Epoch)),
            ("@jobEpoch", Value.Column(writes, write => write.Epochs?.Job)),
            ("@accountEpoch", Value.Column(writes, write => write.Epochs?.Account)),
        ];
}
