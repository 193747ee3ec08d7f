namespace GlueOrleans.Grains.Jobs;

/// <summary>One of Glue's worker sizes, and where it may be used.</summary>
/// <param name="Dpus">DPUs, or memory DPUs, of one worker.</param>
/// <param name="Commands">The commands whose jobs may have it.</param>
public sealed record WorkerType(double Dpus, IReadOnlyList<string> Commands)
{
    /// <summary>The first major Glue version with this size; 0 = each has it.</summary>
    public int FirstGlue { get; init; }

    /// <summary>The last major Glue version with this size; <c>null</c> = the newest has it.</summary>
    public int? LastGlue { get; init; }

    /// <summary>How many workers a run may have. Where Glue names no number, the largest that it names for any size.</summary>
    public int Most { get; init; } = 299;

    /// <summary>A Spark job needs one worker for its driver besides at least one executor; a Ray job does not.</summary>
    public int Fewest => Commands.Contains(JobCommands.Ray) ? 1 : 2;
}

/// <summary>The worker sizes by their Glue names. Source: glue-behaviour.md 5.5.</summary>
public static class WorkerTypes
{
    public const string G1 = "G.1X";
    public const string G2 = "G.2X";

    private static readonly string[] Spark = [JobCommands.Spark, JobCommands.SparkStreaming];

    public static readonly IReadOnlyDictionary<string, WorkerType> ByName = new Dictionary<string, WorkerType>(
        StringComparer.Ordinal
    )
    {
        ["Standard"] = new(1, Spark) { LastGlue = 1 },
        ["G.025X"] = new(0.25, [JobCommands.SparkStreaming]) { FirstGlue = 3 },
        [G1] = new(1, Spark),
        [G2] = new(2, Spark) { Most = 149 },
        ["G.4X"] = new(4, Spark) { FirstGlue = 3 },
        ["G.8X"] = new(8, Spark) { FirstGlue = 3 },
        ["G.12X"] = new(12, Spark) { FirstGlue = 3 },
        ["G.16X"] = new(16, Spark) { FirstGlue = 3 },
        ["R.1X"] = new(1, Spark) { FirstGlue = 3 },
        ["R.2X"] = new(2, Spark) { FirstGlue = 3 },
        ["R.4X"] = new(4, Spark) { FirstGlue = 3 },
        ["R.8X"] = new(8, Spark) { FirstGlue = 3 },
        ["Z.2X"] = new(2, [JobCommands.Ray]),
    };
}
