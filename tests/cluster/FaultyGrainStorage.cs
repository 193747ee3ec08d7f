using Orleans.Storage;

namespace GlueOrleans.Tests.Cluster;

/// <summary>What is to become of the next write of a grain's state.</summary>
internal enum NextWrite
{
    Succeeds,

    /// <summary>Fails, and nothing is written.</summary>
    Fails,

    /// <summary>Is written, and its answer is lost.</summary>
    LosesItsAnswer,
}

/// <summary>Set by a test, used up by one write.</summary>
internal sealed class GrainStorageFaults
{
    private NextWrite _next;

    public void Arm(NextWrite next) => _next = next;

    public NextWrite Take() => Interlocked.Exchange(ref _next, NextWrite.Succeeds);
}

/// <summary>Grain storage that fails as the test wants it.</summary>
internal sealed class FaultyGrainStorage(IGrainStorage inner, GrainStorageFaults faults) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var next = faults.Take();
        if (next != NextWrite.Fails)
            await inner.WriteStateAsync(stateName, grainId, grainState);
        if (next != NextWrite.Succeeds)
            throw new IOException("The test made this write fail.");
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ClearStateAsync(stateName, grainId, grainState);
}
