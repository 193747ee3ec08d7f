using System.Text.Json;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Storage.Postgres;

/// <summary>A run's row as it is to be written, and what its caller waits for.</summary>
internal sealed class RunWrite
{
    /// <summary>Continuations run elsewhere: a writer must not do its callers' work.</summary>
    private readonly TaskCompletionSource<bool> _isWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whoever comes first, the writer who takes it or the caller who gives it up, has it.</summary>
    private int _isDecided;

    private RunWrite(RunRecord run, long? expectedVersion, AdmissionEpochs? epochs, string? settings)
    {
        Run = run;
        ExpectedVersion = expectedVersion;
        Epochs = epochs;
        Settings = settings;
    }

    internal RunRecord Run { get; }

    /// <summary>Of the row that is changed; <c>null</c>: it is created.</summary>
    internal long? ExpectedVersion { get; }

    internal AdmissionEpochs? Epochs { get; }

    /// <summary>As their column has them; <c>null</c> unless it is created.</summary>
    internal string? Settings { get; }

    /// <summary>True: it is committed. False: it was left alone, and is to be written by itself.</summary>
    internal Task<bool> IsWritten => _isWritten.Task;

    /// <summary>It says that a script has begun, or is late: only the run's own executor waits for the answer, and nothing is held
    /// up by that. So there is time for others to come along.</summary>
    internal bool IsPatient => ExpectedVersion is not null && Run.State == JobRunState.Running;

    /// <summary>Roughly how many characters of the statement are this row's.</summary>
    internal int Length => 256 + (Settings?.Length ?? 0) + (Run.ErrorMessage?.Length ?? 0);

    /// <remarks>Done on the caller's thread: the writer's is the one that everybody waits for.</remarks>
    internal static RunWrite Creation(RunRecord run, AdmissionEpochs epochs) =>
        new(run, null, epochs, JsonSerializer.Serialize(run.Settings, RunSettingsJson.Compact.RunSettings));

    internal static RunWrite Change(RunRecord run, long expectedVersion, AdmissionEpochs? epochs) =>
        new(run, expectedVersion, epochs, null);

    /// <summary>For the writer. False: the caller has given it up, and it must not be written.</summary>
    internal bool TryTake() => Interlocked.Exchange(ref _isDecided, 1) == 0;

    /// <summary>For the caller. False: it is being written.</summary>
    internal bool TryGiveUp() => Interlocked.Exchange(ref _isDecided, 1) == 0;

    internal void Complete(bool isWritten) => _isWritten.TrySetResult(isWritten);

    internal void Fail(Exception failure) => _isWritten.TrySetException(failure);
}
