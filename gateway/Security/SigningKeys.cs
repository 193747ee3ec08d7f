using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Gateway.Security;

/// <summary>The keys that one secret signs with: one for each day, region and service, derived when first needed and kept.</summary>
internal sealed class SigningKeys(string secret)
{
    /// <summary>More than a day's regions and services, and the week of presigned requests. Beyond, all are derived anew.</summary>
    private const int MostKept = 64;

    private readonly ConcurrentDictionary<(string Day, string Region, string Service), byte[]> _kept = new();
    private readonly byte[] _secret = Encoding.UTF8.GetBytes("AWS4" + secret);

    /// <summary>To be asked only for scopes that the server itself would name.</summary>
    public byte[] For(string day, string region, string service)
    {
        if (_kept.TryGetValue((day, region, service), out var known))
            return known;
        if (_kept.Count >= MostKept)
            _kept.Clear();
        return _kept.GetOrAdd(
            (day, region, service),
            scope =>
                new[] { scope.Day, scope.Region, scope.Service, SignatureClaim.Terminator }.Aggregate(
                    _secret,
                    (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part))
                )
        );
    }
}
