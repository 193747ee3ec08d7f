namespace GlueOrleans.Grains.Jobs;

/// <summary>Which jobs and runs may be FLEX. Source: glue-behaviour.md 4.4.1.</summary>
public static class ExecutionClassRules
{
    public const string Flex = "FLEX";

    private const int FirstGlueWithFlex = 3;

    /// <summary>Why a run of this class is not possible, as the sentence of the refusal; <c>null</c> when it is.</summary>
    /// <remarks>
    /// A job that names no Glue version has 0.9, which has no FLEX. Unlike worker types (<see cref="CapacityRules"/>), it is
    /// held to that: FLEX is asked for on purpose, and naming a version is all it takes. Sized by MaxCapacity alone it may be
    /// FLEX, as it may be anything else: that is how Airflow sizes a job unless told otherwise. Neither queuing nor retries
    /// stand in the way of FLEX or of each other; such runs are just not queued.
    /// </remarks>
    /// <param name="executionClass"><c>FLEX</c>, <c>STANDARD</c> or, when nobody set it, <c>null</c>.</param>
    /// <param name="command">One of <see cref="JobCommands.All"/>.</param>
    /// <param name="glueVersion">The job's, after defaults.</param>
    /// <param name="workerType"><c>null</c>: sized by DPUs.</param>
    public static string? Problem(string? executionClass, string command, string? glueVersion, string? workerType)
    {
        if (executionClass != Flex)
            return null;
        if (command != JobCommands.Spark)
        {
            return $"Execution Class FLEX is not supported for Job Command {command}: it is for {JobCommands.Spark}. "
                + "Use STANDARD.";
        }

        if (GlueVersions.Major(glueVersion) < FirstGlueWithFlex)
        {
            return $"Execution Class FLEX is not supported with Glue version {glueVersion}: "
                + $"set GlueVersion to {FirstGlueWithFlex}.0 or later, or use STANDARD.";
        }

        return workerType is null or WorkerTypes.G1 or WorkerTypes.G2
            ? null
            : $"Execution Class FLEX is not supported with Worker Type {workerType}: "
                + $"use {WorkerTypes.G1} or {WorkerTypes.G2}, or STANDARD.";
    }
}
