using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.TimeLapse;

/// <summary>How time passes for runs. Configuration section <c>Clock</c>.</summary>
internal sealed class ClockOptions
{
    public const double Fastest = 100_000;

    /// <summary>How many times faster than the wall's clock the node's runs: a timeout of two days at 1000 takes three
    /// minutes.</summary>
    /// <remarks>
    /// From 1 (the default: real time) to 100,000. Scripts run no faster; what they take is multiplied. The clock of a data
    /// folder never goes back: one that was run faster stays ahead of the wall's.
    /// </remarks>
    public double Speed { get; set; } = 1;
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
internal sealed class ValidateClockOptions : IValidateOptions<ClockOptions>
{
    public ValidateOptionsResult Validate(string? name, ClockOptions options) =>
        options.Speed is >= 1 and <= ClockOptions.Fastest
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                FormattableString.Invariant(
                    $"Clock:Speed is {options.Speed}: give a number from 1 (real time) to {ClockOptions.Fastest:0}."
                )
            );
}
