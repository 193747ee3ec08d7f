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
/// <remarks>
/// From Glue 2.0 on a job should be sized by workers, says Glue; it takes MaxCapacity alone all the same, which Airflow sends
/// unless told otherwise. Source: glue-behaviour.md 2.4.6, 5.5, 8.1, with the texts as seen in public bug reports.
/// </remarks>
public static class CapacityRules
{
    private const double DefaultSparkDpus = 10;
    private const double SmallestShellDpus = 0.0625;

    /// <summary>The capacity with all that Glue derives filled in: MaxCapacity = workers × DPUs of one, AllocatedCapacity the
    /// same rounded down (0 for a python shell of 1/16 DPU). Refusal: InvalidInput.</summary>
    /// <param name="command">One of <see cref="JobCommands.All"/>.</param>
    /// <param name="glueVersion">The job's, after defaults; <c>null</c> or one that is no number: no size is held against it.</param>
    /// <param name="asked">What the job or, for itself alone, the run asks for: a run that sets one of the four takes none of
    /// the others from its job.</param>
    public static Outcome<Capacity> Resolve(string command, string? glueVersion, Capacity asked)
    {
        if (Clash(command, asked) is { } clash)
            return Refusal.InvalidInput(clash);
        return asked.WorkerType is null ? ByDpus(command, asked) : ByWorkers(command, glueVersion, asked);
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

    private static Outcome<Capacity> ByWorkers(string command, string? glueVersion, Capacity asked)
    {
        if (!WorkerTypes.ByName.TryGetValue(asked.WorkerType!, out var worker))
        {
            return Refusal.InvalidInput(
                $"Worker Type '{asked.WorkerType}' is not known: use one of {string.Join(", ", WorkerTypes.ByName.Keys)}."
            );
        }

        var count = asked.NumberOfWorkers!.Value;
        if (Misplaced(worker, asked.WorkerType!, count, command, glueVersion) is { } problem)
            return Refusal.InvalidInput(problem);
        return asked with { MaxCapacity = count * worker.Dpus, AllocatedCapacity = (int)(count * worker.Dpus) };
    }

    private static string? Misplaced(WorkerType worker, string name, int count, string command, string? glueVersion)
    {
        if (!worker.Commands.Contains(command))
        {
            return $"Worker Type {name} is not supported for Job Command {command}: "
                + $"it is for {string.Join(" and ", worker.Commands)}.";
        }

        // Jobs that name no version have 0.9 written into them, and Terraform sends back what it has read: a size that
        // 0.9 never had may only be what goes without saying today. A version that somebody chose is held to.
        var major = glueVersion == GlueVersions.OfJobsThatNameNone ? null : GlueVersions.Major(glueVersion);
        if (major < worker.FirstGlue)
        {
            return $"Worker Type {name} is not supported with Glue version {glueVersion}: "
                + $"set GlueVersion to {worker.FirstGlue}.0 or later, or use {WorkerTypes.G1} or {WorkerTypes.G2}.";
        }

        if (major > worker.LastGlue)
        {
            return $"Worker Type {name} is not supported with Glue version {glueVersion}: "
                + $"use {WorkerTypes.G1}, or set GlueVersion to {worker.LastGlue}.0.";
        }

        if (count < worker.Fewest)
            return $"To use Worker Type {name}, minimum allowed value of Number of Workers is {worker.Fewest}.";
        return count > worker.Most
            ? $"To use Worker Type {name}, maximum allowed value of Number of Workers is {worker.Most}."
            : null;
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
