using GlueOrleans.Executors;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlueOrleans.Tests.Executor;

/// <summary>A node of a cluster: an executor, the keeper of its lease, a real guard, and leases that a test can take away.</summary>
public abstract class LeaseTest : ExecutorTest
{
    protected const string Name = "n1";

    /// <summary>A script that says where it is and then goes on for ever, whatever it is asked.</summary>
    protected const string Stubborn =
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)";

    protected const string Forever = "import time; time.sleep(300)";

    private readonly List<Node> _nodes = [];

    protected LeaseTest()
    {
        Options.Lease = TimeSpan.FromSeconds(3);
        Options.RestartGrace = TimeSpan.FromMinutes(10);
        Store = new MemoryRunStore();
        var clock = new SkewedTime();
        Leases = new FaultyNodes(new MemoryExecutorNodes(clock, Store), clock);
    }

    private protected MemoryRunStore Store { get; }

    private protected FaultyNodes Leases { get; }

    private protected Guard Guard => new(RunsFolder, "python3");

    /// <summary>Nodes end before their folder does; and their guard, which would see that a second later.</summary>
    public override async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.Kill();
        if (Guard.Process is { } left)
            Posix.Kill(left.Pid, Posix.Sigkill);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A process of the node, which takes the lease. There is one at a time on a folder.</summary>
    private protected async Task<Node> Start(string name = Name)
    {
        var guard = Guard;
        var time = new FreezableTime();
        Wall = new OneClock(time);
        Tenure = NodeTenure.None(guard.WasAlive);
        var executor = AnExecutor();
        var keeper = new LeaseKeeper(
            Leases,
            Store,
            executor,
            Tenure,
            guard,
            ExecutorNodeId.Of(name, Folder),
            Microsoft.Extensions.Options.Options.Create(Options),
            Wall,
            NullLogger<LeaseKeeper>.Instance
        );
        var node = new Node(executor, keeper, Tenure, time);
        _nodes.Add(node);
        await keeper.StartAsync(CancellationToken.None);
        return node;
    }

    private protected async Task<Node> StartReady()
    {
        var node = await Start();
        await Until(() => node.Tenure.WhyNoLaunch is null, "the node takes runs");
        return node;
    }

    /// <summary>A run that is placed on the node as it is now, and in the table.</summary>
    private protected async Task<RunRecord> Placed(Node node, string script, double dpus = 1)
    {
        var run = ARun(script, settings => settings with { MaxCapacity = dpus }) with
        {
            Executor = node.Tenure.Current,
            Ordinal = Interlocked.Increment(ref _ordinal),
        };
        await Store.TryCreate(run);
        return run;
    }

    /// <summary>… and that runs. Answers with its process.</summary>
    private protected async Task<(RunRecord Run, string Pid)> Running(Node node, string script = Forever)
    {
        var here = ASignpost();
        var run = await Placed(node, here.Python + script);
        await node.Executor.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        return (run, await Written(here.File));
    }

    /// <summary>As far as the file says: how long scripts go on without another renewal.</summary>
    private protected TimeSpan Left => (new LeaseFile(RunsFolder).Read()?.Ends ?? default) - Uptime.Now();

    private long _ordinal;

    private protected sealed record Node(
        ProcessExecutor Executor,
        LeaseKeeper Keeper,
        NodeTenure Tenure,
        FreezableTime Time
    )
    {
        /// <summary>The process is gone, as far as a test can be two processes: it says and does nothing more.</summary>
        public async Task Kill()
        {
            Time.Freeze();
            await Executor.DisposeAsync();
        }
    }
}
