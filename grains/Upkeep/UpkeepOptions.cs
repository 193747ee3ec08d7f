namespace GlueOrleans.Grains.Upkeep;

/// <summary>How often what was lost is looked for. Configuration section <c>Upkeep</c>.</summary>
public sealed class UpkeepOptions
{
    /// <summary>Between two sweeps over runs whose deadline has passed. Wall time, &gt; 0. Default 10 s.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows read, and grains woken, at a time. At least 1. Default 200.</summary>
    public int BatchSize { get; set; } = 200;
}
