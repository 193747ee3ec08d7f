using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Grains.Ports;

/// <summary>The executor of this very node, for the runs that are placed on it. Others reach it through
/// <see cref="IRunExecutor"/>.</summary>
public interface INodeExecutor : IRunExecutor
{
    /// <summary>Under which tenure this node runs scripts now; <c>null</c>: it has no lease that it can rely on.</summary>
    ExecutorTenure? Tenure { get; }

    /// <summary>Why this node takes no runs, in a sentence; <c>null</c>: it takes them.</summary>
    string? WhyNotReady { get; }

    /// <summary>Whether the run is observed here, or its last report is still on the way.</summary>
    bool Knows(string runId);

    /// <summary>These are all the unfinished runs that the table places here: no room is kept for others any more.</summary>
    void ExpectOnly(IReadOnlySet<string> runIds);
}

/// <summary>What the scripts that ran on this very node printed.</summary>
public interface INodeLogs : IRunLogs;
