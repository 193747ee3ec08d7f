namespace GlueOrleans.Benchmarks.Load.Measuring;

/// <param name="Of">What has these figures: <c>StartJobRun</c>, <c>pgbench</c>.</param>
/// <param name="Rounds">One for each round.</param>
internal sealed record Series(string Of, IReadOnlyList<double> Rounds)
{
    public double Median => MedianOf(Rounds);

    public static double MedianOf(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>One figure of the system, and of what it is compared with, round by round in turn.</summary>
/// <param name="What">Is measured: <c>64 callers</c>.</param>
/// <param name="Unit">Of all figures.</param>
/// <param name="System">What the node does.</param>
/// <param name="Yardstick">Has as many rounds; <c>null</c>: the figure stands by itself.</param>
/// <param name="Goal">What is to be reached.</param>
/// <param name="Note">Of interest beside the figures: latencies, what was refused.</param>
internal sealed record Comparison(
    string What,
    string Unit,
    Series System,
    Series? Yardstick,
    Goal Goal,
    string? Note = null
)
{
    /// <summary>What the goal is about, of each round.</summary>
    public IReadOnlyList<double> Results =>
        [.. System.Rounds.Select((figure, round) => Goal.Of(figure, Yardstick?.Rounds[round]))];

    public double Median => Series.MedianOf(Results);

    public double Min => Results.Min();

    public double Max => Results.Max();

    /// <summary>Whether the median does; <c>null</c>: there is no goal.</summary>
    public bool? IsReached => Goal.IsReachedBy(Median);
}
