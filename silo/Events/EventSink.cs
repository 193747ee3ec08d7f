using System.Threading.Channels;
using GlueOrleans.Grains;
using Polly;
using Polly.Retry;

namespace GlueOrleans.Silo.Events;

/// <summary>
/// A place that events go to, with a queue of its own before it, so that a slow one holds up neither runs nor the others.
/// Best effort: a full queue loses its oldest event, and what cannot be written after some tries is given up. Both are
/// logged.
/// </summary>
internal abstract partial class EventSink : BackgroundService
{
    /// <summary>Of some hundred bytes each. A burst of runs that end together fits.</summary>
    internal const int QueueLength = 10_000;

    /// <summary>Written at a time. Bounds what one failure takes with it.</summary>
    private const int LargestBatch = 256;

    /// <summary>For what is still queued when the node stops.</summary>
    private static readonly TimeSpan TimeToFinish = TimeSpan.FromSeconds(5);

    private readonly Channel<byte[]> _queue;
    private readonly ResiliencePipeline _retry;
    private readonly TimeProvider _wall;
    private readonly ILogger _log;
    private readonly int _batch;
    private int _dropped;

    /// <param name="wall">Times the pauses between tries, and the bound at the end.</param>
    /// <param name="log">Of the sink.</param>
    /// <param name="batch">Events that are written, and tried again, together.</param>
    protected EventSink(IWallClock wall, ILogger log, int batch = LargestBatch)
    {
        _wall = wall.Time;
        _log = log;
        _batch = batch;
        _queue = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(QueueLength)
            {
                SingleReader = true,
                FullMode = BoundedChannelFullMode.DropOldest,
            },
            _ => Interlocked.Increment(ref _dropped)
        );
        _retry = new ResiliencePipelineBuilder { TimeProvider = _wall }
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = 4,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(250),
                    MaxDelay = TimeSpan.FromSeconds(5),
                    ShouldHandle = outcome =>
                        ValueTask.FromResult(outcome.Outcome.Exception is { } e && IsWorthAnotherTry(e)),
                }
            )
            .Build();
    }

    /// <summary>For the log: which place this is.</summary>
    protected abstract string Name { get; }

    /// <summary>Takes an event for writing later. Never waits and never throws.</summary>
    public void Offer(byte[] document)
    {
        if (!_queue.Writer.TryWrite(document))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Takes no more, and writes what is queued, within a bound.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } writing)
            await writing
                .WaitAsync(TimeToFinish, _wall, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        TellOfDropped(_queue.Reader.CanCount ? _queue.Reader.Count : 0);
    }

    /// <summary>Writes all of them or throws.</summary>
    protected abstract Task Write(IReadOnlyList<byte[]> documents, CancellationToken cancellation);

    protected abstract bool IsWorthAnotherTry(Exception exception);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<byte[]>(_batch);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                while (batch.Count < _batch && _queue.Reader.TryRead(out var document))
                    batch.Add(document);
                TellOfDropped(0);
                await TryWrite(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Interlocked.Add(ref _dropped, batch.Count);
        }
    }

    private async Task TryWrite(List<byte[]> batch, CancellationToken stopping)
    {
        try
        {
            await _retry.ExecuteAsync(
                static async (write, cancellation) => await write.self.Write(write.batch, cancellation),
                (self: this, batch),
                stopping
            );
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogGivenUp(_log, e.Message, batch.Count, Name);
        }
    }

    private void TellOfDropped(int more)
    {
        if (Interlocked.Exchange(ref _dropped, 0) + more is > 0 and var lost)
            LogDropped(_log, lost, Name);
    }

    [LoggerMessage(40, LogLevel.Warning, "Events lost: {Count}; {Sink} did not keep up, or the node has stopped.")]
    private static partial void LogDropped(ILogger log, int count, string sink);

    [LoggerMessage(41, LogLevel.Warning, "Events given up: {Count}; {Sink} did not take them: {Why}")]
    private static partial void LogGivenUp(ILogger log, string why, int count, string sink);
}
