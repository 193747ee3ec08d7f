using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Executors.Lease;

/// <summary>
/// Keeps this node's lease, and lets the node run scripts only while it is certain to have it.
/// </summary>
/// <remarks>
/// <para>The database decides when a lease has run out, by its own clock, and only then gives the node's runs away. Everything
/// here is to be over before: the node counts a lease from the moment before it asked for it, stops trusting itself when two
/// thirds have passed and ends its scripts; the guard, which needs nothing of this process, kills them when five sixths have.
/// So the database's deadline is never before the one in the lease file; the order of writes sees to that, and a longer
/// lease is only followed by a shorter one after the file says the shorter.</para>
/// <para>Why, and what remains: docs/adr/0009.</para>
/// </remarks>
internal sealed partial class LeaseKeeper : BackgroundService
{
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(10);

    /// <summary>With a long lease, too, the cluster is to hear soon whether the node takes runs.</summary>
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(5);

    /// <summary>After what nobody has thought of.</summary>
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly IExecutorNodes _nodes;
    private readonly IRunStore _store;
    private readonly ProcessExecutor _executor;
    private readonly NodeTenure _tenure;
    private readonly ProcessExecutorOptions _options;
    private readonly ExecutorNodeId _id;
    private string? _lastTrouble;
    private readonly Guard _guard;
    private readonly LeaseFile _file;
    private readonly RunProcesses _processes;
    private readonly TimeProvider _wall;
    private readonly ILogger<LeaseKeeper> _log;
    private readonly ProcessIdentity _holder = ProcessIdentity.Own();

    /// <summary>Set when the node is to stop: it takes no runs from then on.</summary>
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A node that is about to stop must not be opened again.</summary>
    private readonly Lock _opening = new();

    /// <summary>Until when the lease lasts at least, by the machine's uptime.</summary>
    private TimeSpan _ends;

    /// <summary>The tenure that the lease is held under; <c>null</c> when it is not.</summary>
    private ExecutorTenure? _held;

    /// <summary>Whether it is known which runs the table places here, so that requests for them are heard.</summary>
    private bool _isBegun;

    /// <summary>What was in the way at the last renewal, so that it is said once.</summary>
    private string? _problem;

    public LeaseKeeper(
        IExecutorNodes nodes,
        IRunStore store,
        ProcessExecutor executor,
        NodeTenure tenure,
        Guard guard,
        ExecutorNodeId id,
        IOptions<ProcessExecutorOptions> options,
        IWallClock wall,
        ILogger<LeaseKeeper> log
    )
    {
        (_nodes, _store, _executor, _tenure, _guard, _id, _log) = (nodes, store, executor, tenure, guard, id, log);
        _options = options.Value;
        _file = new LeaseFile(_options.RunsFolder);
        _processes = new RunProcesses(_options.RunsFolder);
        _wall = wall.Time;
    }

    private TimeSpan Lease => _options.Lease;

    /// <summary>From then on the node does not trust itself.</summary>
    private TimeSpan TrustedUntil => _ends - (Lease / 3);

    /// <summary>Then its guard kills.</summary>
    private TimeSpan KillAt => _ends - (Lease / 6);

    /// <summary>How long one request may take before the next is made.</summary>
    private TimeSpan Patience => Shorter(Lease / 6, LongestPatience);

    /// <summary>Between two renewals: at least ten in a lease.</summary>
    private TimeSpan Period => Shorter(Lease / 10, LongestPeriod);

    /// <summary>What a process may be promised.</summary>
    private TimeSpan LongestLease => Longer(_options.RestartGrace, Lease);

    private bool IsStopping => _stopping.Task.IsCompleted;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if ((_held ?? await Acquire(stoppingToken)) is { } tenure)
                    await Hold(tenure, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
            catch (Exception e)
            {
                // Nobody else would keep the lease, or end the scripts that have lost it; and it would end the host.
                _log.Failed(e, _id.Node);
                await Task.Delay(FailurePause, _wall, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Takes the lease, when it can, and ends what was left by those that had it before.</summary>
    private async Task<ExecutorTenure?> Acquire(CancellationToken stopping)
    {
        var answer = await Ask(stopping);
        var tenure = answer.Tenure!;
        // The answer alone would not do: that of a first try, which began the tenure, may have been lost.
        var isContinued = _file.Read()?.Tenure == tenure;
        if (!isContinued && !await EndLeftovers(stopping))
            return null;
        try
        {
            Note(tenure, _ends);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.NotReady(_id.Node, e.Message);
            await Task.Delay(Period, _wall, stopping);
            return null;
        }

        _log.Acquired(
            tenure,
            isContinued ? "It goes on with what its last process has left." : "It starts with nothing."
        );
        return tenure;
    }

    private async Task<LeaseAnswer> Ask(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                var sent = Uptime.Now();
                var answer = await _nodes
                    .Acquire(Request(isAccepting: false, Longer(Promised(sent), Lease)))
                    .WaitAsync(Patience, _wall, stopping);
                _ends = sent + Lease;
                if (answer.Tenure is not null && Uptime.Now() < TrustedUntil)
                    return answer;
                if (answer.Tenure is null)
                {
                    var isNews = SayOnce(
                        $"another machine, or another data folder, has the name {_id.Node} (Cluster:Node).",
                        isAnothers: true
                    );
                    if (isNews)
                        _log.NameTaken(_id.Node, answer.TakenFor);
                }
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                // Strangers may read the one, and the other says where the database is.
                var isNews = SayOnce("the database does not give this node its lease; its log says why.");
                if (isNews || e.Message != _lastTrouble)
                    _log.NotAcquired(e, _id.Node);
                _lastTrouble = e.Message;
            }

            await Task.Delay(Period, _wall, stopping);
        }
    }

    /// <summary>How long the last process was promised its lease for: that must not become shorter before the file says so.</summary>
    private TimeSpan Promised(TimeSpan now)
    {
        if (_file.Read() is not { } note)
            return TimeSpan.Zero;
        // More than any process was ever promised, or than this one grants.
        if (note.Ends - now > LongestLease)
        {
            note = note with { Ends = now + LongestLease, KillAt = now + LongestLease - (Lease / 6) };
            _file.Write(note);
        }

        return note.Ends - now;
    }

    /// <summary>Renews the lease until it is lost, and everything that ran under it is ended.</summary>
    private async Task Hold(ExecutorTenure tenure, CancellationToken stopping)
    {
        _held = tenure;
        while (true)
        {
            // Nothing below waits for longer than that.
            if (Uptime.Now() >= TrustedUntil)
            {
                await Lose(tenure, "Its lease could not be renewed in time.", KillAt);
                return;
            }

            var isReady = await GetReady(tenure, stopping);
            try
            {
                var sent = Uptime.Now();
                if (sent >= TrustedUntil)
                    continue;
                if (!await _nodes.Renew(tenure, Request(isReady, Lease)).WaitAsync(AtMost(Patience), _wall, stopping))
                {
                    LeaseMetrics.Refused();
                    // Its runs may have been given away, so there is no time for anything.
                    await Lose(tenure, "The database says that its lease is over.", killAt: default);
                    return;
                }

                LeaseMetrics.Renewed();
                if (TryNote(tenure, sent + Lease))
                    _tenure.Extend(TrustedUntil);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                LeaseMetrics.Unanswered();
                _log.NotRenewed(e, _id.Node, TrustedUntil - Uptime.Now());
            }

            await Pause(stopping);
        }
    }

    /// <summary>Whether runs may be placed here. What is in the way is tried again with the next renewal.</summary>
    private async Task<bool> GetReady(ExecutorTenure tenure, CancellationToken stopping)
    {
        if (IsStopping)
            return false;
        try
        {
            if (!_isBegun)
            {
                var placed = await _store.LoadExecutorRoster().WaitAsync(AtMost(Patience), _wall, stopping);
                _executor.Expect(placed.Where(run => run.Executor == tenure));
                _tenure.Begin(tenure, TrustedUntil);
                _isBegun = true;
            }

            await _guard.Ensure().WaitAsync(AtMost(LongestPeriod), _wall, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            if (_problem != e.Message)
                _log.NotReady(_id.Node, e.Message);
            _problem = e.Message;
            return false;
        }

        _problem = null;

        lock (_opening)
        {
            if (IsStopping)
                return false;
            _tenure.Open();
        }

        return true;
    }

    /// <summary>The tenure is over: its runs are no business of this process any more, and their processes end.</summary>
    private async Task Lose(ExecutorTenure tenure, string why, TimeSpan killAt)
    {
        _held = null;
        _isBegun = false;
        _tenure.End($"this node has lost its lease. {why}");
        _log.Lost(tenure, why);
        LeaseMetrics.Lost();
        // A launch that is under way may still come to a process.
        var lettingGo = _executor.LetGo();
        await End(_processes.Living(), killAt);
        await lettingGo;
        await End(_processes.Living(), killAt: default);
    }

    /// <summary>A new tenure begins with nothing: what runs yet may run elsewhere as well by now.</summary>
    private async Task<bool> EndLeftovers(CancellationToken stopping)
    {
        while (_processes.Living() is { Count: > 0 } left)
        {
            _log.Leftovers(string.Join(", ", left.Select(run => run.Id)));
            await End(left, killAt: default);
            stopping.ThrowIfCancellationRequested();
        }

        return Uptime.Now() < TrustedUntil;
    }

    /// <summary>SIGTERM if there is time for it, SIGKILL at that moment. Returns when nothing is left.</summary>
    private async Task End(IReadOnlyList<RunDirectory> left, TimeSpan killAt)
    {
        foreach (var run in left)
            run.MarkFenced();
        if (Uptime.Now() < killAt)
            RunProcesses.Ask(left);
        for (var round = 0; left.Count > 0; round++)
        {
            if (Uptime.Now() >= killAt)
                RunProcesses.Kill(left);
            if (round > 0 && round % ExecutorServices.KillRounds == 0 && Uptime.Now() >= killAt)
                _log.Undead(string.Join(", ", left.Select(run => run.Id)));
            await Task.Delay(ExecutorServices.KillPause, _wall);
            left = RunProcesses.Living(left);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>A wait that leaves time for another try before this node stops trusting itself, and does not outlast that.</summary>
    private TimeSpan AtMost(TimeSpan wanted)
    {
        var left = Longer(TrustedUntil - Uptime.Now(), TimeSpan.Zero);
        return Shorter(wanted, left > Period / 4 ? left / 2 : left);
    }

    private LeaseRequest Request(bool isAccepting, TimeSpan lasts) =>
        new(_id.Node, _id.Folder, _id.Holder, isAccepting, _options.Places, _options.Dpus, lasts);

    /// <summary>The guard goes by the file: a lease that it does not know of is none.</summary>
    private bool TryNote(ExecutorTenure tenure, TimeSpan ends)
    {
        try
        {
            Note(tenure, ends);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.NotNoted(e, _id.Node, TrustedUntil - Uptime.Now());
            return false;
        }
    }

    private void Note(ExecutorTenure tenure, TimeSpan ends)
    {
        _file.Write(new LeaseNote(ends, ends - (Lease / 6), tenure, _holder));
        _ends = ends;
    }

    /// <summary>Why the node has no lease, for whoever asks whether it is ready. True when it was another reason before.</summary>
    private bool SayOnce(string why, bool isAnothers = false)
    {
        var isNews = _tenure.WhyNoLaunch != why;
        _tenure.End(why, isAnothers);
        return isNews;
    }

    /// <summary>Until the next renewal is due; that the node is to stop is told at once.</summary>
    private async Task Pause(CancellationToken stopping)
    {
        var period = Task.Delay(AtMost(Period), _wall, stopping);
        await (IsStopping ? period : Task.WhenAny(period, _stopping.Task));
        stopping.ThrowIfCancellationRequested();
    }
}
