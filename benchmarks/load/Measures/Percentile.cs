namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>Of times that were all kept.</summary>
internal static class Percentile
{
    /// <param name="times">At least one.</param>
    /// <param name="percent">0 to 100: so many of them are as short as the result, or shorter.</param>
    /// <returns>Milliseconds.</returns>
    public static double Of(IReadOnlyCollection<TimeSpan> times, double percent)
    {
        var sorted = times.Order().ToList();
        var place = (int)Math.Ceiling(percent / 100 * sorted.Count) - 1;
        return sorted[Math.Clamp(place, 0, sorted.Count - 1)].TotalMilliseconds;
    }
}
