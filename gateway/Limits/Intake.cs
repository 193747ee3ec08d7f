using System.Threading.RateLimiting;
using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Limits;

/// <summary>
/// How many requests are worked on at a time, and how many may wait for that. The rest is shed: more of them would not be
/// answered sooner, and all of them later.
/// </summary>
/// <remarks>
/// Two steps. <see cref="IsFull"/> is asked when only the headers are there, so that what is shed costs next to nothing; it
/// takes no place, so that a client which sends its body slowly, or never, takes none from others. <see cref="Enter"/> takes
/// one when the body is there, before the signature is checked. What waits behind it is bounded by this: of the calls that a
/// grain has in its mailbox, and of the writes before a database, each node that is a gateway makes no more than it has
/// places; and none waits in both lines for longer than clients do.
/// </remarks>
internal sealed class Intake : IDisposable
{
    /// <summary>The longest wait for a place. Whoever waits for so long waits for something that is broken.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _clock;
    private readonly Backlog _backlog;
    private readonly ConcurrencyLimiter _reads;
    private readonly ConcurrencyLimiter _writes;
    private readonly int _places;
    private int _waitingReads;
    private int _waitingWrites;

    public Intake(
        IOptions<GatewayOptions> options,
        Backlog backlog,
        [FromKeyedServices(Failover.WallKey)] TimeProvider clock
    )
    {
        (_clock, _backlog) = (clock, backlog);
        _places = options.Value.RequestsOfAKind;
        _reads = Places();
        _writes = Places();
    }

    /// <summary>A request that came now would find no place, nor one to wait in; or so many have come already, unseen, that
    /// it is one of those to turn away.</summary>
    public bool IsFull(RequestKind kind) =>
        Volatile.Read(ref Waiting(kind)) >= _places || Random.Shared.NextDouble() < _backlog.Excess;

    /// <summary>Takes a place, which is given back with the lease.</summary>
    /// <param name="kind">Reads and writes have places of their own.</param>
    /// <param name="clientGone">Nobody waits for the answer any more.</param>
    /// <returns>Not acquired: the request is to be shed.</returns>
    public ValueTask<RateLimitLease> Enter(RequestKind kind, CancellationToken clientGone)
    {
        var places = Of(kind);
        var lease = places.AttemptAcquire();
        if (lease.IsAcquired)
            return ValueTask.FromResult(lease);
        lease.Dispose();
        return Wait(kind, clientGone);
    }

    public void Dispose()
    {
        _reads.Dispose();
        _writes.Dispose();
    }

    private async ValueTask<RateLimitLease> Wait(RequestKind kind, CancellationToken clientGone)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, clientGone);
        Interlocked.Increment(ref Waiting(kind));
        try
        {
            return await Of(kind).AcquireAsync(1, either.Token);
        }
        catch (OperationCanceledException) when (!clientGone.IsCancellationRequested)
        {
            return NoPlace.Instance;
        }
        finally
        {
            Interlocked.Decrement(ref Waiting(kind));
        }
    }

    private ref int Waiting(RequestKind kind) => ref kind == RequestKind.Read ? ref _waitingReads : ref _waitingWrites;

    private ConcurrencyLimiter Of(RequestKind kind) => kind == RequestKind.Read ? _reads : _writes;

    private ConcurrencyLimiter Places() =>
        new(
            new ConcurrencyLimiterOptions
            {
                PermitLimit = _places,
                QueueLimit = _places,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );

    private sealed class NoPlace : RateLimitLease
    {
        public static readonly NoPlace Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
