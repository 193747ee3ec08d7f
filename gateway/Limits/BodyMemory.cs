using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Limits;

/// <summary>The memory that the bodies of all requests share, beyond what each has of its own.</summary>
/// <remarks>Whoever finds none is refused and not made to wait: what it has received already would be kept meanwhile.</remarks>
internal sealed class BodyMemory(IOptions<GatewayOptions> options)
{
    private readonly long _limit = options.Value.MaxBodyBytes;
    private long _taken;

    /// <summary>Bytes.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _limit)
            return true;
        Return(bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
