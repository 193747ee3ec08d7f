using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using GlueOrleans.Executors.Cage;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace GlueOrleans.Executors;

/// <summary>Runs scripts as processes of this machine that outlive this one.</summary>
/// <remarks>
/// Authoritative is each run's directory: who may start the script, which process it is, how it ended. supervisor.sh, which
/// writes there, describes the protocol and what each failure leads to. This class only keeps, per run, what is being
/// waited for, and can lose it at any time; Resume finds it again. It acts only on runs of the tenure that the node is in.
/// </remarks>
public sealed class ProcessExecutor : INodeExecutor, IAsyncDisposable
{
    private static readonly TimeSpan TimeToLetGo = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(1);

    /// <summary>DPUs are sums of sixteenths; what is less than this is rounding.</summary>
    private const double NoDpus = 1e-9;

    private readonly CancellationTokenSource _closing = new();

    /// <summary>So that two launches do not both take the last room, and none is begun when the tenure has ended.</summary>
    private readonly Lock _launching = new();
    private readonly ConcurrentDictionary<string, SupervisedRun> _runs = new(StringComparer.Ordinal);

    /// <summary>DPUs of the runs that the table places here and that nobody has asked for since the start.</summary>
    private readonly Dictionary<string, double> _expected = new(StringComparer.Ordinal);
    private readonly Refusals _refusals;
    private readonly NodeTenure _tenure;
    private readonly ExecutorServices _services;
    private readonly S3Scripts _s3;

    /// <summary>Cancelled when the runs of a tenure are let go; the next tenure has another.</summary>
    private CancellationTokenSource _lettingGo;

    public ProcessExecutor(
        IRunReports reports,
        NodeTenure tenure,
        IOptions<ProcessExecutorOptions> options,
        IOptions<S3Options> s3Options,
        TimeProvider clock,
        IWallClock wall,
        ILogger<ProcessExecutor> log
    )
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Scripts run as Unix processes: use Linux, macOS, or WSL.");
        _tenure = tenure;
        _refusals = new Refusals(wall.Time);
        _s3 = new S3Scripts(s3Options);
        _lettingGo = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var retry = Patience(wall.Time, log);
        _services = new ExecutorServices
        {
            Options = options.Value,
            Tenure = tenure,
            Users = options.Value.Range is { } range ? new ScriptUsers(range, options.Value.RunsFolder) : null,
            Cage = new ScriptCage(options.Value),
            Limits = new LimitWatch(options.Value, wall.Time),
            IsKnown = Knows,
            Scripts = new ScriptSource(_s3, new LocalScripts(new ScriptRoots(options.Value))),
            Planner = new LaunchPlanner(options.Value),
            Watch = new ProcessWatch(wall.Time, _closing.Token),
            Retry = retry,
            Clock = clock,
            Wall = wall,
            Log = log,
            ReportsOf = (run, lettingGo) => new ReportQueue(run.Id, run.Executor, reports, retry, lettingGo),
            Forget = Drop,
        };
    }

    public ExecutorTenure? Tenure => _tenure.Current;

    public string? WhyNotReady => _tenure.WhyNoLaunch;

    /// <summary>Whether no script runs here, nor is known to be wanted here.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_launching)
                return _runs.IsEmpty && _expected.Count == 0;
        }
    }

    public bool Knows(string runId) => _runs.ContainsKey(runId);

    public Task Launch(RunRecord run, BookmarkInput? bookmark)
    {
        lock (_launching)
        {
            if (_refusals.Include(run))
                _services.Log.RefusedBefore(run.Id);
            else if (WhyNot(run) is not { } why)
                Of(run).Launch(run, bookmark);
            else if (!WasTaken(run.Id) && !_tenure.IsAnothers)
                Refuse(run, why);
            else
                // "No room" would have it launched elsewhere as well, while something here, or on the machine that has this
                // node's name, may start it yet. Whoever tends lost nodes ends it.
                _services.Log.NotOurs(run.Id, nameof(Launch), run.Executor);
        }

        return Task.CompletedTask;
    }

    public Task FailLaunch(RunRecord run, string errorMessage) => Ask(run, known => known.FailLaunch(errorMessage));

    public Task Resume(RunRecord run) => Ask(run, known => known.Resume());

    public Task Stop(RunRecord run) => Ask(run, known => known.Stop());

    public Task Drain(RunRecord run) => Ask(run, known => known.Drain());

    /// <remarks>A run that is in memory is not over, or its last report not delivered.</remarks>
    public Task<bool> Forget(string runId, ExecutorTenure? executor)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        // What there is of it is in another folder.
        if (_tenure.IsAnothers)
            return Task.FromResult(false);
        // Deleting is the disk's work: it must not be done on the caller's scheduler.
        return Task.Run(() =>
            !_runs.ContainsKey(runId) && new RunDirectory(_services.Options.RunsFolder, runId).TryRemove()
        );
    }

    /// <summary>The files that a run's script writes its output to.</summary>
    public RunLogFiles Logs(string runId) => RunLogFiles.Of(_services.Options.RunsFolder, runId);

    public void ExpectOnly(IReadOnlySet<string> runIds)
    {
        lock (_launching)
        {
            foreach (var runId in _expected.Keys.Where(runId => !runIds.Contains(runId)).ToList())
                _expected.Remove(runId);
        }
    }

    /// <summary>Keeps room for runs that were placed here before this process was there.</summary>
    internal void Expect(IEnumerable<ExecutorHolder> runs)
    {
        lock (_launching)
        {
            _expected.Clear();
            foreach (var run in runs)
                _expected[run.RunId] = run.Dpus;
        }
    }

    /// <summary>
    /// Forgets all runs, without another report and without touching their processes: the tenure under which they were placed
    /// has ended. When it completes, nothing that was begun for them is under way.
    /// </summary>
    internal async Task LetGo()
    {
        CancellationTokenSource before;
        lock (_launching)
        {
            before = _lettingGo;
            _lettingGo = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            _expected.Clear();
        }

        await before.CancelAsync();
        var runs = _runs.ToArray();
        await Task.WhenAll(runs.Select(run => run.Value.Finished()));
        foreach (var run in runs)
            _runs.TryRemove(run);
        before.Dispose();
    }

    /// <summary>Stops observing. The processes live on, for the next node on this folder to find.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        // What does not let go in time (a file system that hangs) ends with the process.
        await Task.WhenAll(_runs.Values.Select(run => run.Finished()))
            .WaitAsync(TimeToLetGo, _services.Wall.Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lettingGo.Dispose();
        _s3.Dispose();
    }

    private Task Ask(RunRecord run, Action<SupervisedRun> request, [CallerMemberName] string name = "")
    {
        lock (_launching)
        {
            if (_tenure.IsCurrent(run.Executor))
                request(Of(run));
            else
                _services.Log.NotOurs(run.Id, name, run.Executor);
        }

        return Task.CompletedTask;
    }

    /// <summary>The run as it is known here. A request to one that is just being forgotten has nothing left to do.</summary>
    private SupervisedRun Of(RunRecord run)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        _expected.Remove(run.Id);
        return _runs.GetOrAdd(
            run.Id,
            static (id, given) =>
                new SupervisedRun(
                    new RunDirectory(given.Self._services.Options.RunsFolder, id),
                    given.Run,
                    given.Self._services,
                    given.Self._lettingGo.Token
                ),
            (Self: this, Run: run)
        );
    }

    /// <summary>Why the run is not launched, in a sentence; <c>null</c>: it is.</summary>
    private string? WhyNot(RunRecord run)
    {
        if (!_tenure.IsCurrent(run.Executor))
            return $"Waiting for an executor: the lease of {run.Executor} is over.";
        // It has its room already.
        if (WasTaken(run.Id))
            return null;
        return _tenure.WhyNoLaunch is { } why ? $"Waiting for an executor: {why}" : WhyNoRoom(run);
    }

    /// <summary>A run that is over has no room, although its last report may still be on the way: who hears of its end may be
    /// here before that is known to be delivered.</summary>
    private string? WhyNoRoom(RunRecord run)
    {
        var options = _services.Options;
        if (options is { Places: 0, Dpus: 0 })
            return null;
        var others = _runs.Where(other => !other.Value.IsOver).Select(other => other.Value.Dpus).ToList();
        others.AddRange(
            _expected.Where(other => other.Key != run.Id && !Knows(other.Key)).Select(other => other.Value)
        );
        if (options.Places > 0 && others.Count >= options.Places)
            return NoPlace(options);
        if (options.Dpus > 0 && others.Sum() + run.Settings.MaxCapacity > options.Dpus + NoDpus)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Waiting for {run.Settings.MaxCapacity} DPUs of this node: it has {options.Dpus} (Executor:Dpus)."
            );
        }

        // Last: what is taken here is given back when the run is over.
        return _services.Users is { } users && users.Take(run.Id, Knows) is null ? NoPlace(options) : null;
    }

    private static string NoPlace(ProcessExecutorOptions options) =>
        "Waiting for a script of this node to end: "
        + (
            options.Range is { Count: var users } && users == options.Places
                ? $"it has {users} user ids for them (Executor:Uids)."
                : $"it runs {options.Places} at a time (Executor:MaxRuns)."
        );

    /// <summary>Whether a launch was begun here, so that something may run, or come to run. The first thing a launch does is to
    /// make a directory.</summary>
    private bool WasTaken(string runId) =>
        Knows(runId) || Directory.Exists(new RunDirectory(_services.Options.RunsFolder, runId).Folder);

    /// <summary>Who has no room says so at once. Who takes nothing at all says so a little later: until the cluster has noticed,
    /// it would be sent the same run again at once.</summary>
    private void Refuse(RunRecord run, string why)
    {
        _refusals.Add(run);
        var refusal = new RunReport.NoRoom
        {
            At = _services.Now,
            Version = run.Version,
            Limit = why,
        };
        var pause = _tenure.IsCurrent(run.Executor) && _tenure.WhyNoLaunch is null ? TimeSpan.Zero : RefusalPause;
        var reports = _services.ReportsOf(run, _closing.Token);
        if (pause == TimeSpan.Zero)
            reports.Add(refusal);
        else
            _ = Later();

        async Task Later()
        {
            await Task.Delay(pause, _services.Wall.Time, _closing.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_closing.IsCancellationRequested)
                reports.Add(refusal);
        }
    }

    private async Task Drop(string runId, SupervisedRun run, Task delivered)
    {
        await delivered;
        _runs.TryRemove(KeyValuePair.Create(runId, run));
    }

    private static ResiliencePipeline Patience(TimeProvider time, ILogger log) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(100),
                    MaxDelay = TimeSpan.FromSeconds(10),
                    ShouldHandle = static outcome =>
                        ValueTask.FromResult(
                            outcome.Outcome.Exception is { } e
                                && !outcome.Context.CancellationToken.IsCancellationRequested
                        ),
                    OnRetry = outcome =>
                    {
                        log.TryingAgain(outcome.RetryDelay.TotalSeconds, outcome.Outcome.Exception?.Message);
                        return default;
                    },
                }
            )
            .Build();
}
