using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>How often what was lost is looked for. Configuration section <c>Upkeep</c>.</summary>
public sealed class UpkeepOptions
{
    /// <summary>Between two sweeps over runs whose deadline has passed. Wall time, &gt; 0. Default 10 s.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows read, and grains woken, at a time. At least 1. Default 200.</summary>
    public int BatchSize { get; set; } = 200;
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
public sealed class ValidateUpkeepOptions : IValidateOptions<UpkeepOptions>
{
    public ValidateOptionsResult Validate(string? name, UpkeepOptions options)
    {
        List<string> faults = [];
        if (options.SweepPeriod < TimeSpan.FromMilliseconds(1) || options.SweepPeriod > TimeSpan.FromDays(1))
            faults.Add(
                $"Upkeep:SweepPeriod is {options.SweepPeriod}: give more than 0 and at most a day, such as 00:00:10."
            );
        if (options.BatchSize is < 1 or > 10_000)
            faults.Add($"Upkeep:BatchSize is {options.BatchSize}: give a number of runs from 1 to 10000.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
