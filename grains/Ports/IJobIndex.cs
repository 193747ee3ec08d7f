using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Grains.Ports;

/// <summary>
/// The names of all jobs, for listing. The definition itself lives in the job grain's storage; the two are written one
/// after the other, so each change is announced here first: <see cref="TryMarkUnsettled"/> for a new job,
/// <see cref="MarkUnsettled"/> for one that is there, then the grain's own write, then <see cref="Settle"/> or
/// <see cref="Remove"/>. A crash in between leaves an unsettled row, which upkeep has the grain
/// put right. Names that are unsettled are not listed.
/// </summary>
/// <remarks>Throws <see cref="GrainInterfaces.StoreUnavailableException"/> as <see cref="IRunStore"/> does.</remarks>
public interface IJobIndex
{
    /// <summary>Adds the name if it is new, and marks it unsettled either way.</summary>
    Task MarkUnsettled(JobKey job);

    /// <summary>As <see cref="MarkUnsettled"/>, unless the name is new and its account has <paramref name="mostNames"/>
    /// already, settled or not: then nothing is changed, and the answer is false.</summary>
    /// <remarks>Counting and adding are one step, so that creations at the same time cannot exceed the number together. A
    /// name that a crash left unsettled counts until it is settled or removed.</remarks>
    Task<bool> TryMarkUnsettled(JobKey job, int mostNames);

    /// <summary>Adds the name if it is new, and marks it settled: the job exists.</summary>
    Task Settle(JobKey job);

    /// <summary>Removes the name, if it is there: the job does not exist.</summary>
    Task Remove(JobKey job);

    /// <summary>Up to <paramref name="limit"/> settled names of an account in ordinal (byte) order, after
    /// <paramref name="after"/>.</summary>
    Task<IReadOnlyList<string>> ListNames(string account, string? after, int limit);

    /// <summary>Up to <paramref name="limit"/> unsettled jobs of all accounts.</summary>
    Task<IReadOnlyList<JobKey>> ListUnsettled(int limit);
}
