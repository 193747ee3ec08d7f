using System.Globalization;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Grains.Jobs;

/// <summary>The four members with which a job or a run says how large it is, as far as they were set.</summary>
/// <param name="AllocatedCapacity">DPUs, whole.</param>
/// <param name="MaxCapacity">DPUs.</param>
/// <param name="WorkerType">Glue's name of a worker size.</param>
/// <param name="NumberOfWorkers">How many of them.</param>
public sealed record Capacity(int? AllocatedCapacity, double? MaxCapacity, string? WorkerType, int? NumberOfWorkers)
{
    public bool IsUnset =>
        this is { AllocatedCapacity: null, MaxCapacity: null, WorkerType: null, NumberOfWorkers: null };
}

/// <summary>Which sizes Glue accepts for which command, and the members it derives from those that were set.</summary>
/// <remarks>Sources: the Glue user guide on job runs and workers; message texts as seen in public bug reports.</remarks>
public static class CapacityRules
{
    /// <summary>DPUs (or memory DPUs) of one worker.</summary>
    private static readonly Dictionary<string, double> DpusOfWorker = new(StringComparer.Ordinal)
    {
        ["Standard"] = 1,
        ["G.025X"] = 0.25,
        ["G.1X"] = 1,
        ["G.2X"] = 2,
        ["G.4X"] = 4,
        ["G.8X"] = 8,
        ["G.12X"] = 12,
        ["G.16X"] = 16,
        ["R.1X"] = 1,
        ["R.2X"] = 2,
        ["R.4X"] = 4,
        ["R.8X"] = 8,
        ["Z.2X"] = 2,
    };

    private const string RayWorker = "Z.2X";
    private const double DefaultSparkDpus = 10;
    private const double SmallestShellDpus = 0.0625;

    /// <summary>The capacity with all that Glue derives filled in: MaxCapacity = workers × DPUs of one, AllocatedCapacity the
    /// same as a whole number (0 for a python shell of 1/16 DPU). Refusal: InvalidInput.</summary>
    public static Outcome<Capacity> Resolve(string command, Capacity asked)
    {
        if (Clash(command, asked) is { } clash)
            return Refusal.InvalidInput(clash);
        return asked.WorkerType is null ? ByDpus(command, asked) : ByWorkers(command, asked);
    }

    private static string? Clash(string command, Capacity asked)
    {
        var byWorkers = asked.WorkerType is not null || asked.NumberOfWorkers is not null;
        if (asked.AllocatedCapacity is not null && asked.MaxCapacity is not null)
            return "Please set only Allocated Capacity or Max Capacity";
        if (byWorkers && (asked.MaxCapacity ?? asked.AllocatedCapacity) is not null)
            return "Please do not set Max Capacity if using Worker Type and Number of Workers.";
        if (byWorkers && command == JobCommands.PythonShell)
            return "Worker Type is not supported for Job Command pythonshell";
        if ((asked.WorkerType is null) != (asked.NumberOfWorkers is null))
            return "Please set both Worker Type and Number of Workers.";
        return null;
    }

    private static Outcome<Capacity> ByWorkers(string command, Capacity asked)
    {
        if (!DpusOfWorker.TryGetValue(asked.WorkerType!, out var dpus))
        {
            return Refusal.InvalidInput(
                $"Worker Type '{asked.WorkerType}' is not known: use one of {string.Join(", ", DpusOfWorker.Keys)}."
            );
        }

        if ((asked.WorkerType == RayWorker) != (command == JobCommands.Ray))
            return Refusal.InvalidInput($"Worker Type {asked.WorkerType} is not supported for Job Command {command}");

        // A Spark job needs one worker for its driver besides at least one executor; a Ray job does not.
        var fewest = command == JobCommands.Ray ? 1 : 2;
        if (asked.NumberOfWorkers < fewest)
        {
            return Refusal.InvalidInput(
                $"To use Worker Type {asked.WorkerType}, minimum allowed value of Number of Workers is {fewest}."
            );
        }

        return asked with
        {
            MaxCapacity = asked.NumberOfWorkers * dpus,
            AllocatedCapacity = (int)(asked.NumberOfWorkers!.Value * dpus),
        };
    }

    private static Outcome<Capacity> ByDpus(string command, Capacity asked)
    {
        if (command == JobCommands.PythonShell)
        {
            if (asked.AllocatedCapacity is not null)
            {
                return Refusal.InvalidInput(
                    "Allocated Capacity is not supported for Job Command pythonshell: set Max Capacity to 0.0625 or 1."
                );
            }

            var shellDpus = asked.MaxCapacity ?? SmallestShellDpus;
            return shellDpus is SmallestShellDpus or 1
                ? new Capacity((int)shellDpus, shellDpus, null, null)
                : Refusal.InvalidInput(
                    $"Max Capacity {Text(shellDpus)} is not valid for Job Command pythonshell: set it to 0.0625 or 1."
                );
        }

        var sparkDpus = asked.MaxCapacity ?? asked.AllocatedCapacity ?? DefaultSparkDpus;
        return sparkDpus is >= 2 and <= 100 && sparkDpus == Math.Floor(sparkDpus)
            ? new Capacity((int)sparkDpus, sparkDpus, null, null)
            : Refusal.InvalidInput(
                $"Max Capacity {Text(sparkDpus)} is not valid for Job Command {command}: "
                    + "set it to a whole number from 2 to 100."
            );
    }

    private static string Text(double dpus) => dpus.ToString(CultureInfo.InvariantCulture);
}
