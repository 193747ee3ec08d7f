using System.Collections.Concurrent;
using GlueOrleans.Tests.ChaosSuite.Checker;

namespace GlueOrleans.Tests.ChaosSuite.Load;

/// <summary>What the suite itself knows of a pass: which answers it got, and what it did to whom.</summary>
internal sealed class Ledger
{
    public ConcurrentQueue<Acknowledged> Acknowledged { get; } = new();

    public ConcurrentQueue<string> Stopped { get; } = new();

    public ConcurrentQueue<Harm> Harms { get; } = new();

    public ConcurrentQueue<Violation> Violations { get; } = new();

    /// <summary>Injected faults by name.</summary>
    public ConcurrentDictionary<string, int> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers other than a run, by their code, and calls that nobody ever answered.</summary>
    public ConcurrentDictionary<string, int> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Times of recovery in seconds, by what recovered.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<double>> Recoveries { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts that were killed with all that ran on them, and when.</summary>
    public ConcurrentQueue<(string Node, double At)> LostHosts { get; } = new();

    /// <summary>Silos that were killed alone, and when: what ran on them goes on.</summary>
    public ConcurrentQueue<(string Node, double At)> KilledSilos { get; } = new();

    public void Count(ConcurrentDictionary<string, int> what, string name) =>
        what.AddOrUpdate(name, 1, (_, n) => n + 1);

    public void Recovered(string what, double seconds) =>
        Recoveries.GetOrAdd(what, _ => new ConcurrentQueue<double>()).Enqueue(seconds);

    /// <summary>Runs on this node may fail from then until then, through no fault of theirs.</summary>
    public void Harm(string? node, double from, double until, string why) =>
        Harms.Enqueue(new Harm(node, from, until, why));

    public void Complain(string rule, string what, string? runId = null) =>
        Violations.Enqueue(new Violation(rule, what, runId));
}
