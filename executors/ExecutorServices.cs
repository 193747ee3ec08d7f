using GlueOrleans.Executors.Cage;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using Microsoft.Extensions.Logging;
using Polly;

namespace GlueOrleans.Executors;

/// <summary>What all runs of a node share.</summary>
internal sealed class ExecutorServices
{
    /// <summary>Rounds of SIGKILL for processes that escaped; about 5 s. Only one stuck in the kernel outlasts them.</summary>
    public const int KillRounds = 250;

    public static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(20);

    public required ProcessExecutorOptions Options { get; init; }

    /// <summary>The user ids that scripts get; <c>null</c>: they run as the node's user.</summary>
    public required ScriptUsers? Users { get; init; }
    public required ScriptCage Cage { get; init; }
    public required LimitWatch Limits { get; init; }

    /// <summary>Whether a run is one that this node is busy with.</summary>
    public required Func<string, bool> IsKnown { get; init; }

    public required ScriptSource Scripts { get; init; }
    public required LaunchPlanner Planner { get; init; }
    public required ProcessWatch Watch { get; init; }

    /// <summary>Without end, but for the node's: with pauses that grow to 10 s.</summary>
    public required ResiliencePipeline Retry { get; init; }

    /// <summary>What instants are told in.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>What is waited by: processes take wall time.</summary>
    public required IWallClock Wall { get; init; }
    public required ILogger Log { get; init; }

    /// <summary>Whether this node may start scripts.</summary>
    public required NodeTenure Tenure { get; init; }

    /// <summary>Of a run, until it is let go.</summary>
    public required Func<RunRecord, CancellationToken, ReportQueue> ReportsOf { get; init; }

    /// <summary>Drops a run from memory once its last report is delivered.</summary>
    public required Func<string, SupervisedRun, Task, Task> Forget { get; init; }

    public DateTimeOffset Now => Clock.GetUtcMilliseconds();

    /// <summary>When a file was written, on the node's clock.</summary>
    public DateTimeOffset OnNodeClock(DateTimeOffset written) => Wall.ToNode(written).InMilliseconds();
}
