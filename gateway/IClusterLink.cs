namespace GlueOrleans.Gateway;

/// <summary>Whether the silos, which every operation needs, can be reached.</summary>
public interface IClusterLink
{
    /// <summary>False from the start of a gateway until it has found its first silo. Until then no call can be made.</summary>
    bool WasEverUp { get; }

    /// <summary>A silo can be reached now, as far as is known.</summary>
    bool IsUp { get; }
}

/// <summary>The silo is in this process.</summary>
internal sealed class LocalSilo : IClusterLink
{
    public bool WasEverUp => true;

    public bool IsUp => true;
}
