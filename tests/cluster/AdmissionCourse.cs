using System.Text;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Orleans.Serialization;

namespace GlueOrleans.Tests.Cluster;

/// <summary>One random course in an account of its own, and what is checked at its end.</summary>
internal sealed partial class AdmissionCourse(AdmissionPropertyTests cluster, Random random, string account)
{
    /// <summary>Half of the courses are without crashes, faults, lost messages and jumps of time: more happens in them at the
    /// same time, since nothing is out of order for long.</summary>
    private readonly bool _isCalm = random.Next(2) == 0;

    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(31),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(21),
        TimeSpan.FromHours(3),
    ];

    private readonly Referee _referee = new(account, cluster.Limits);
    private readonly Dictionary<string, JobSettings> _jobs = new(StringComparer.Ordinal);
    private readonly List<(string Job, string InvocationId)> _calls = [];
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly List<(ExecutorTenure Executor, int MaxRuns)> _nodes = [];
    private readonly StringBuilder _log = new();
    private bool _poolMayForget;
    private TaskCompletionSource _nextStep = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Log => _log.ToString();

    public async Task<IReadOnlyList<string>> Run()
    {
        cluster.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(random.Next(2));
        cluster.Store.Written = _referee.Saw;
        cluster.Store.Faulted = _referee.Disturbed;
        cluster.Store.Pause = Yield;
        cluster.Post = Post;
        for (var i = 0; i < 3; i++)
            await Create($"job{i}");
        await cluster.ForgetNodes();
        for (var i = random.Next(1, 4); i > 0; i--)
            await Join();

        for (var step = 0; step < 25 && _referee.Complaints.Count == 0; step++)
        {
            await Task.WhenAll(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Act()).ToList());
            DeliverLateMessages();
        }

        await Settle();
        if (_referee.Complaints.Count == 0)
        {
            _referee.CheckSuccessors();
            await CheckThatNothingLeaked();
        }

        (cluster.Store.Written, cluster.Store.Faulted, cluster.Store.Pause, cluster.Post) = (null, null, null, null);
        return _referee.Complaints;
    }

    private static async Task Yield()
    {
        for (var times = Random.Shared.Next(3); times > 0; times--)
            await Task.Yield();
    }

    /// <summary>Loses or delays what grains tell each other without waiting for an answer.</summary>
    private async Task<bool> Post(string method)
    {
        if (
            _isCalm
            || method
                is not (nameof(IJobGrain.SlotFreed) or nameof(ICapacityGrain.Release) or nameof(IJobRunGrain.Wake))
        )
            return true;
        var fate = Random.Shared.Next(20);
        if (fate == 0 && method != nameof(ICapacityGrain.Release))
            await _nextStep.Task;
        return fate != 1;
    }

    private void DeliverLateMessages()
    {
        var step = _nextStep;
        _nextStep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        step.SetResult();
    }

    private async Task Act()
    {
        try
        {
            await (
                random.Next(_isCalm ? 76 : 106) switch
                {
                    < 3 => Join(),
                    < 5 => Drain(),
                    < 6 => Lose(),
                    < 41 => StartSome(),
                    < 49 => StopSome(),
                    < 76 => Progress(),
                    < 84 => Jump(),
                    < 91 => Break(),
                    < 97 => Crash(),
                    < 98 => KillSilo(),
                    < 102 => Resize(),
                    < 103 => Delete(),
                    _ => Sweep(),
                }
            );
        }
        // The last one is what a call may end with whose silo dies under it: Orleans cannot carry the real reason.
        catch (Exception e)
            when (e is StoreUnavailableException or OrleansException or TimeoutException or CodecNotFoundException)
        {
            Note($"  failed: {e.GetType().Name}");
        }
    }

    private async Task Join()
    {
        var maxRuns = random.Next(1, 4);
        var name = $"{account}-{_nodes.Count}";
        Note($"join {name} for {maxRuns}");
        _nodes.Add((new ExecutorTenure(name, 1), maxRuns));
        _referee.Holds(name, _poolMayForget ? null : maxRuns);
        await cluster.AddNode(name, maxRuns);
    }

    private Task Drain()
    {
        var node = _nodes[random.Next(_nodes.Count)].Executor;
        Note($"drain {node}");
        return cluster.Drain(node);
    }

    /// <summary>A node's lease runs out.</summary>
    private Task Lose()
    {
        var node = _nodes[random.Next(_nodes.Count)].Executor;
        Note($"lose {node}");
        cluster.Nodes.Expire(node.Node);
        return EndStranded();
    }

    /// <summary>What the reaper does every two seconds.</summary>
    private async Task EndStranded()
    {
        await cluster.Nodes.FenceExpired();
        foreach (var run in await cluster.Nodes.ListStranded(null, 1000))
            await cluster.Run(run.Id).ExecutorLost(run.Executor);
    }

    /// <summary>From here on the pool's memory may be wrong: nodes have to refuse what they have no room for.</summary>
    private void PoolMayForget()
    {
        _poolMayForget = true;
        foreach (var (node, _) in _nodes)
            _referee.Holds(node.Node, null);
    }

    private DateTimeOffset Now => cluster.Clock.GetUtcNow();

    private JobKey KeyOf(string name) => new(account, name);

    private string AnyJob() => _jobs.Keys.ElementAt(random.Next(_jobs.Count));

    private void Note(string line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
