namespace GlueOrleans.Benchmarks.Load.Measuring;

/// <summary>What a goal is about.</summary>
internal enum GoalKind
{
    /// <summary>The system's figure in those of the yardstick.</summary>
    Ratio,

    /// <summary>By how much the system's figure is above that of the yardstick.</summary>
    Excess,

    /// <summary>The system's figure.</summary>
    Figure,
}

/// <summary>What a figure is to reach.</summary>
/// <param name="Kind">What of it.</param>
/// <param name="Least">At least; <c>null</c>: no such bound.</param>
/// <param name="Most">At most; <c>null</c>: no such bound.</param>
internal sealed record Goal(GoalKind Kind, double? Least = null, double? Most = null)
{
    /// <summary>The system is so many times what the yardstick is, or more.</summary>
    public static Goal RatioAtLeast(double least) => new(GoalKind.Ratio, Least: least);

    public static Goal RatioAtMost(double most) => new(GoalKind.Ratio, Most: most);

    /// <param name="most">In the comparison's unit.</param>
    public static Goal ExcessAtMost(double most) => new(GoalKind.Excess, Most: most);

    /// <param name="most">In the comparison's unit.</param>
    public static Goal FigureAtMost(double most) => new(GoalKind.Figure, Most: most);

    /// <param name="least">In the comparison's unit.</param>
    public static Goal FigureAtLeast(double least) => new(GoalKind.Figure, Least: least);

    /// <summary>Only shown.</summary>
    public static Goal None(GoalKind kind = GoalKind.Ratio) => new(kind);

    public double Of(double figure, double? yardstick) =>
        Kind switch
        {
            GoalKind.Ratio => figure / (yardstick ?? double.NaN),
            GoalKind.Excess => figure - (yardstick ?? double.NaN),
            GoalKind.Figure => figure,
            _ => throw new ArgumentOutOfRangeException(nameof(yardstick), Kind, "Not a kind of goal."),
        };

    /// <summary><c>null</c>: there is none to reach.</summary>
    public bool? IsReachedBy(double result) =>
        Least is null && Most is null ? null : !(result < Least) && !(result > Most) && !double.IsNaN(result);
}
