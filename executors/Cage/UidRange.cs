using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>User ids, from the first to the last.</summary>
internal readonly record struct UidRange(int First, int Last)
{
    /// <summary>Smaller ones belong to the system's services.</summary>
    public const int Lowest = 1000;

    /// <summary>The largest are special to the kernel.</summary>
    private const int Highest = int.MaxValue - 1;

    private const int Most = 65_536;

    public int Count => Last - First + 1;

    /// <summary>Reads <c>FIRST-LAST</c>, or one id. <c>null</c>: it is something else.</summary>
    public static UidRange? Parse(string text)
    {
        var parts = text.Split('-', 2, StringSplitOptions.TrimEntries);
        return
            int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first >= Lowest
            && last is >= Lowest and <= Highest
            && last >= first
            && last - first < Most
            ? new UidRange(first, last)
            : null;
    }
}
