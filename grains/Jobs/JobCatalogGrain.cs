using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Orleans.Concurrency;

namespace GlueOrleans.Grains.Jobs;

/// <summary>Lists an account's jobs from the name index, and gathers their definitions from their grains.</summary>
[StatelessWorker]
public sealed class JobCatalogGrain(IJobIndex index) : Grain, IJobCatalogGrain
{
    /// <summary>Grains asked at a time: enough to hide their latency, few enough not to crowd out runs.</summary>
    private const int AskedAtOnce = 50;

    public Task<IReadOnlyList<string>> ListNames(string? after, int limit) =>
        index.ListNames(this.GetPrimaryKeyString(), after, limit);

    public async Task<IReadOnlyList<JobDefinition?>> FindAll(IReadOnlyList<string> names)
    {
        var account = this.GetPrimaryKeyString();
        var definitions = new List<JobDefinition?>(names.Count);
        foreach (var some in names.Chunk(AskedAtOnce))
        {
            definitions.AddRange(
                await Task.WhenAll(
                    some.Select(name => GrainFactory.Grain<IJobGrain>(new JobKey(account, name).GrainKey).Find())
                )
            );
        }

        return definitions;
    }
}
