using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace GlueOrleans.Grains.State;

/// <summary>Writes grain state as plain JSON through <see cref="GrainStateJson"/>, so that a row can be read by people and by
/// later versions.</summary>
public sealed class GrainStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, TypeOf<T?>()));

    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize(input, TypeOf<T>())
        ?? throw new JsonException($"The stored {typeof(T).Name} is the JSON value null.");

    private static JsonTypeInfo<T> TypeOf<T>() =>
        (JsonTypeInfo<T>?)GrainStateJson.Default.GetTypeInfo(typeof(T))
        ?? throw new NotSupportedException($"{typeof(T).Name} is not a state that is kept: see GrainStateJson.");
}
