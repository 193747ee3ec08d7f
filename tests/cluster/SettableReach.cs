using System.Collections.Concurrent;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Cluster;

/// <summary>All nodes can be reached, but those that a test has cut off.</summary>
internal sealed class SettableReach : IExecutorReach
{
    private readonly ConcurrentDictionary<string, bool> _cutOff = new();

    public void CutOff(string node) => _cutOff[node] = true;

    public bool IsReachable(string node) => !_cutOff.ContainsKey(node);
}
