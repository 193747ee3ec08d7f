using System.Diagnostics.Metrics;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Grains.Telemetry;

/// <summary>Counts the runs that have not ended now and then, and shows the last count to whoever collects metrics.</summary>
/// <remarks>
/// Every silo counts, so that the count is there whichever silo is lost; they all count the same table. So a sum over silos
/// is wrong, and <c>max</c> right. A count that failed is shown as none, not as the last one.
/// </remarks>
public sealed partial class RunCensusTaker : BackgroundService
{
    /// <summary>Between two counts; about as often as metrics are collected. Wall time.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly JobRunState[] Unfinished =
    [
        JobRunState.Waiting,
        JobRunState.Starting,
        JobRunState.Running,
        JobRunState.Stopping,
    ];

    private static readonly bool[] YesAndNo = [true, false];

    private readonly IRunCensus _census;
    private readonly IExecutorNodes _nodes;
    private readonly IWallClock _wall;
    private readonly ILogger<RunCensusTaker> _log;
    private readonly Meter _meter = new(GlueMeter.Name);
    private volatile IReadOnlyList<CensusLine>? _last;
    private volatile IReadOnlyList<ExecutorNode>? _lastNodes;

    public RunCensusTaker(IRunCensus census, IExecutorNodes nodes, IWallClock wall, ILogger<RunCensusTaker> log)
    {
        _census = census;
        _nodes = nodes;
        _wall = wall;
        _log = log;
        _meter.CreateObservableGauge(
            "glue.runs",
            () => Each(Unfinished, state => Labelled("state", state.ToGlueName(), Lines(state).Sum(line => line.Runs))),
            "{run}",
            "Runs that have not ended, by state, of all accounts. WAITING is the depth of the queues."
        );
        _meter.CreateObservableGauge(
            "glue.slots.used",
            () => Each([0], _ => new Measurement<long>(Holding().Sum(line => line.Runs))),
            "{run}",
            "Runs that hold a slot: STARTING, RUNNING or STOPPING."
        );
        _meter.CreateObservableGauge(
            "glue.dpus.used",
            () =>
                Each(
                    [false, true],
                    isFlex =>
                        Labelled(
                            "class",
                            isFlex ? "FLEX" : "STANDARD",
                            Holding().Where(line => line.IsFlex == isFlex).Sum(line => line.Dpus)
                        )
                ),
            "{DPU}",
            "DPUs that runs hold, by execution class."
        );
        _meter.CreateObservableGauge(
            "glue.executor.nodes",
            () =>
                _lastNodes is { } nodes
                    ? YesAndNo.Select(takes =>
                        Labelled("takes_runs", takes ? "yes" : "no", nodes.Count(node => node.IsAccepting == takes))
                    )
                    : [],
            "{node}",
            "Executor nodes that have their lease, by whether they take runs."
        );
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _wall.Time);
        do
        {
            try
            {
                _last = await _census.Count();
                _lastNodes = await _nodes.ListLive();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                (_last, _lastNodes) = (null, null);
                LogNotCounted(e, Period);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<CensusLine> Lines(JobRunState state) => _last?.Where(line => line.State == state) ?? [];

    private IEnumerable<CensusLine> Holding() => _last?.Where(line => line.State.HoldsSlot()) ?? [];

    /// <summary>All of them, also those that are zero; none before the first count.</summary>
    private List<Measurement<T>> Each<TKey, T>(TKey[] keys, Func<TKey, Measurement<T>> measure)
        where T : struct => _last is null ? [] : [.. keys.Select(measure)];

    private static Measurement<T> Labelled<T>(string label, string value, T measured)
        where T : struct => new(measured, new KeyValuePair<string, object?>(label, value));

    [LoggerMessage(35, LogLevel.Warning, "The runs could not be counted for metrics; the next try is in {Period}.")]
    private partial void LogNotCounted(Exception exception, TimeSpan period);
}
