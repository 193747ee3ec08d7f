using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>What an executor tells a run's grain. Delivered at least once, in the order it happened.</summary>
[GenerateSerializer, Alias("RunReport"), Immutable]
public abstract record RunReport
{
    /// <summary>When it happened, on the executor's clock.</summary>
    [Id(0)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The node that reports, with the epoch under which it was given the run. A report of another than the row's is
    /// not believed; <c>null</c> is.</summary>
    [Id(1)]
    public ExecutorTenure? Executor { get; init; }

    /// <summary>The script's process exists.</summary>
    [GenerateSerializer, Alias("RunReport.Launched"), Immutable]
    public sealed record Launched : RunReport;

    /// <summary>No process exists, and none will: the script is missing, its interpreter is not installed …</summary>
    [GenerateSerializer, Alias("RunReport.LaunchFailed"), Immutable]
    public sealed record LaunchFailed : RunReport
    {
        [Id(0)]
        public required string ErrorMessage { get; init; }
    }

    /// <summary>The executor runs as many scripts as it may. Nothing was started; the run has to wait.</summary>
    [GenerateSerializer, Alias("RunReport.NoRoom"), Immutable]
    public sealed record NoRoom : RunReport
    {
        /// <summary>Which limit, in a sentence.</summary>
        [Id(0)]
        public required string Limit { get; init; }

        /// <summary>The version of the row that was to be launched: a run that was admitted again is not meant.</summary>
        [Id(1)]
        public required long Version { get; init; }
    }

    /// <summary>The process and all that it started are gone.</summary>
    [GenerateSerializer, Alias("RunReport.Exited"), Immutable]
    public sealed record Exited : RunReport
    {
        /// <summary>The exit code; 128 + N for a process ended by signal N; -1 when no exit was recorded.</summary>
        [Id(0)]
        public required int ExitCode { get; init; }

        /// <summary>Why it failed, in a sentence. With exit code 0 <c>null</c>, unless what the script left behind cannot be
        /// used.</summary>
        [Id(1)]
        public string? ErrorMessage { get; init; }

        /// <summary>Whether the executor had been asked to stop the run before it ended. Times cannot tell: those of files
        /// and those of clocks differ by more than a stop takes.</summary>
        [Id(2)]
        public bool AfterStop { get; init; }

        /// <summary>What the script wants its job's bookmark to become; <c>null</c>: it committed none.</summary>
        [Id(3)]
        public BookmarkCommit? Bookmark { get; init; }
    }
}
