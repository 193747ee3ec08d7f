using System.Globalization;
using System.Threading.RateLimiting;
using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Limits;

/// <summary>How many requests each access key may make: a token bucket for each.</summary>
/// <remarks>
/// The table of buckets is bounded. Access keys get here after their signature was found right, so there are no more than
/// there are credentials. Without credentials the account is what a client says it is; the accounts then share a fixed
/// number of buckets. A bucket that is full again is dropped after some seconds.
/// </remarks>
internal sealed class RequestRates : IDisposable
{
    /// <summary>Enough that two accounts seldom share one.</summary>
    internal const int BucketsForAccounts = 1024;

    /// <summary>How finely tokens are given out: a key gets its share of a second in so many parts.</summary>
    private const int PartsOfASecond = 10;

    private readonly PartitionedRateLimiter<string>? _buckets;

    public RequestRates(IOptions<GatewayOptions> options)
    {
        var (rate, burst) = (options.Value.RequestsPerSecond, options.Value.Burst);
        if (rate == 0)
            return;
        // A rate below ten a second would be no token in a tenth of one.
        var parts = Math.Min(PartsOfASecond, rate);
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = rate / parts,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1) * (rate / parts) / rate,
            QueueLimit = 0,
            AutoReplenishment = true,
        };
        _buckets = PartitionedRateLimiter.Create<string, string>(
            key => RateLimitPartition.GetTokenBucketLimiter(key, _ => bucket),
            StringComparer.Ordinal
        );
    }

    /// <summary>Whether this request is one too many; it counts if it is not.</summary>
    public bool IsExceededBy(Caller caller)
    {
        if (_buckets is null)
            return false;
        using var lease = _buckets.AttemptAcquire(BucketOf(caller));
        return !lease.IsAcquired;
    }

    public void Dispose() => _buckets?.Dispose();

    /// <summary>The access key's own. Without one, its account's: accounts are twelve digits, whose last ones tell them apart.</summary>
    internal static string BucketOf(Caller caller) =>
        caller.Key?.Id ?? AccountBuckets[long.Parse(caller.Account, CultureInfo.InvariantCulture) % BucketsForAccounts];

    private static readonly string[] AccountBuckets =
    [
        .. Enumerable.Range(0, BucketsForAccounts).Select(i => $"account bucket {i}"),
    ];
}
