using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Support;

/// <summary>Keeps what it is told, in order.</summary>
public sealed class RecordingRunEvents : IRunEvents
{
    private readonly ConcurrentQueue<RunRecord> _ended = new();
    private readonly ConcurrentQueue<(RunRecord Run, DateTimeOffset At)> _delayed = new();

    /// <summary>Runs as they were when their end was told.</summary>
    public IReadOnlyList<RunRecord> AllEnded => [.. _ended];

    /// <summary>Runs as they were when it was told that they are late, and when that was.</summary>
    public IReadOnlyList<(RunRecord Run, DateTimeOffset At)> AllDelayed => [.. _delayed];

    public void Ended(RunRecord run) => _ended.Enqueue(run);

    public void Delayed(RunRecord run, DateTimeOffset at) => _delayed.Enqueue((run, at));
}
