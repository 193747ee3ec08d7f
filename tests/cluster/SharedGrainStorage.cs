using System.Collections.Concurrent;
using GlueOrleans.Grains.State;
using Orleans.Storage;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Orleans' grain storage that outlives every silo, as a database does. (Its own memory storage lives in grains,
/// and dies with theirs.)</summary>
internal sealed class SharedGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), (BinaryData? State, string ETag)> _rows = new();
    private readonly GrainStateSerializer _serializer = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_rows.TryGetValue((stateName, grainId), out var row) && row.State is { } state)
            (grainState.State, grainState.ETag, grainState.RecordExists) = (
                _serializer.Deserialize<T>(state),
                row.ETag,
                true
            );
        else
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Replace((stateName, grainId), grainState, _serializer.Serialize(grainState.State));
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is not null)
            Replace((stateName, grainId), grainState, null);
        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private void Replace<T>((string, GrainId) key, IGrainState<T> grainState, BinaryData? state)
    {
        var (expected, next) = (grainState.ETag, Guid.NewGuid().ToString());
        _rows.AddOrUpdate(
            key,
            _ => (state, next),
            (_, row) =>
                row.State is null || row.ETag == expected
                    ? (state, next)
                    : throw new InconsistentStateException("changed meanwhile", row.ETag, expected)
        );
        grainState.ETag = next;
    }
}
