using System.Globalization;

namespace GlueOrleans.Gateway.Limits;

/// <summary>How many files, sockets among them, this process may have open.</summary>
internal static class OpenFiles
{
    private const string Limits = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>Where the system does not say: little enough for any.</summary>
    private const int Unknown = 4096;

    /// <summary>The soft limit, which .NET raises to the hard one when it starts.</summary>
    public static int Limit { get; } = Read();

    private static int Read()
    {
        try
        {
            return File.Exists(Limits) ? Of(File.ReadLines(Limits)) : Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    /// <param name="limits">As Linux tells them: <c>Max open files            1024                 4096                 files</c>.</param>
    internal static int Of(IEnumerable<string> limits)
    {
        var soft = limits
            .FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal))
            ?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault();
        return soft == "unlimited" ? int.MaxValue
            : long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? (int)Math.Min(limit, int.MaxValue)
            : Unknown;
    }
}
