using System.Globalization;
using System.Security.Cryptography;

namespace GlueOrleans.Tests.FuzzSuite;

/// <summary>How long, and which dice. From the environment, where <c>tests/fuzz</c> puts them.</summary>
/// <param name="Seed">Of all cases: each is made from it, its driver's name and its number.</param>
/// <param name="Time">For all drivers together.</param>
/// <param name="IsLong">Somebody watches, and wants to be told how it goes.</param>
/// <param name="IsAlone">One driver has all of the time.</param>
/// <param name="OnlyCase">Tries the case with this number, and no other.</param>
internal sealed record FuzzOptions(int Seed, TimeSpan Time, bool IsLong, bool IsAlone, long? OnlyCase)
{
    private static readonly TimeSpan InTheTestRun = TimeSpan.FromSeconds(20);

    public static FuzzOptions FromEnvironment { get; } = Read();

    private static FuzzOptions Read()
    {
        var minutes = Number("GLUE_FUZZ_MINUTES", 0.01, 24 * 60);
        return new FuzzOptions(
            (int)(Number("GLUE_SEED", 0, int.MaxValue) ?? RandomNumberGenerator.GetInt32(1, 1_000_000)),
            minutes is { } given ? TimeSpan.FromMinutes(given) : InTheTestRun,
            minutes is not null,
            !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("GLUE_FUZZ_DRIVER")),
            (long?)Number("GLUE_FUZZ_CASE", 0, long.MaxValue)
        );
    }

    private static double? Number(string name, double least, double most)
    {
        var text = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(text))
            return null;
        return
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= least
            && value <= most
            ? value
            : throw new InvalidOperationException($"{name} is '{text}': give a number from {least} to {most}.");
    }
}
