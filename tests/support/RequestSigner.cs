using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Tests.Support;

/// <summary>An access key of a test.</summary>
public sealed record TestKey(string Id, string Secret);

/// <summary>Signs requests as an SDK does, in a few lines of its own: nothing of the server's is used.</summary>
public static class RequestSigner
{
    private static readonly string[] Signed =
    [
        "content-type",
        "host",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-target",
    ];

    /// <param name="request">To the path <c>/</c>, without a query.</param>
    /// <param name="address">Where it will be sent.</param>
    /// <param name="body">Of the request.</param>
    /// <param name="key">Whose signature.</param>
    /// <param name="now">The signer's time.</param>
    /// <param name="region">Of the scope.</param>
    /// <param name="service">Of the scope.</param>
    public static void Sign(
        HttpRequestMessage request,
        Uri address,
        byte[] body,
        TestKey key,
        DateTimeOffset now,
        string region = "us-east-1",
        string service = "glue"
    )
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Remove("X-Amz-Date");
        request.Headers.Add("X-Amz-Date", time);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = address.Authority };
        foreach (
            var header in request.Headers.Concat(
                request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()
            )
        )
        {
            var name = header.Key.ToLowerInvariant();
            if (Signed.Contains(name))
                headers[name] = string.Join(',', header.Value);
        }

        var names = string.Join(';', headers.Keys);
        var canonical = string.Join(
            '\n',
            [
                request.Method.Method,
                "/",
                "",
                .. headers.Select(h => $"{h.Key}:{h.Value}"),
                "",
                names,
                Hex(SHA256.HashData(body)),
            ]
        );
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signing = scope
            .Split('/')
            .Aggregate(Encoding.UTF8.GetBytes("AWS4" + key.Secret), (k, part) => Hmac(k, part));
        request.Headers.Remove("Authorization");
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={key.Id}/{scope}, SignedHeaders={names}, Signature={Hex(Hmac(signing, toSign))}"
        );
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
