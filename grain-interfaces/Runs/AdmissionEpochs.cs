namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>
/// Under which a run is admitted: the epoch of its job's admission and that of its account's capacity. A write that names
/// an earlier one than the current is refused, so an activation that was superseded admits nothing.
/// </summary>
/// <param name="Job">0: none was ever claimed.</param>
/// <param name="Account">0: none was ever claimed; <c>null</c>: the run takes nothing of its account.</param>
[GenerateSerializer, Alias("AdmissionEpochs"), Immutable]
public readonly record struct AdmissionEpochs([property: Id(0)] long Job, [property: Id(1)] long? Account);

/// <summary>What became of admitting a run that waits.</summary>
public enum AdmitResult
{
    Unset = 0,

    /// <summary>It is STARTING, or was admitted before: it holds its slot.</summary>
    Admitted,

    /// <summary>It has ended: it needs no slot.</summary>
    Ended,

    /// <summary>The job's epoch is no longer the current one. Nothing was written.</summary>
    Fenced,

    /// <summary>The account's epoch is no longer the current one. Nothing was written.</summary>
    FencedByAccount,
}
