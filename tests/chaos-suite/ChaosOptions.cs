using System.Globalization;
using System.Security.Cryptography;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>How long, how much, and which dice. From the environment, where <c>tests/chaos</c> puts them.</summary>
/// <param name="Time">For which faults are injected; what comes before and after takes some two minutes more.</param>
/// <param name="Seed">Of every choice that is the suite's. What processes make of it differs from pass to pass.</param>
/// <param name="Silos">How many, each on a machine of its own as far as can be; with two gateways.</param>
internal sealed record ChaosOptions(TimeSpan Time, int Seed, int Silos)
{
    public static ChaosOptions FromEnvironment() =>
        new(
            TimeSpan.FromMinutes(Read("GLUE_CHAOS_MINUTES", 2, 0.1, 24 * 60)),
            (int)Read("GLUE_CHAOS_SEED", RandomNumberGenerator.GetInt32(1, 1_000_000), 0, int.MaxValue),
            (int)Read("GLUE_CHAOS_SILOS", 3, 2, 9)
        );

    private static double Read(string name, double otherwise, double least, double most)
    {
        var text = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(text))
            return otherwise;
        return
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= least
            && value <= most
            ? value
            : throw new InvalidOperationException($"{name} is '{text}': give a number from {least} to {most}.");
    }
}
