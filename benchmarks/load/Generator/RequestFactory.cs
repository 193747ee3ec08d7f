using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>What requests are signed with. <see cref="Secret"/> <c>null</c>: they only name the key.</summary>
internal sealed record Credentials(string AccessKey, string? Secret, string Region);

/// <summary>Makes requests as AWS's clients send them: the same headers, signed with SigV4.</summary>
/// <remarks>
/// A signature holds for five minutes, so a request is made once for each measurement and sent often. It has no invocation
/// id, which would make all of them repetitions of one call.
/// </remarks>
internal sealed class RequestFactory(Uri url, Credentials credentials, TimeProvider clock)
{
    private const string SignedHeaders = "content-type;host;x-amz-date;x-amz-target";
    public const string ContentType = "application/x-amz-json-1.1";

    public Request Make(Operation operation, string body) => new(operation, Bytes($"AWSGlue.{operation}", body));

    /// <summary>All that belong to the body but its length and type.</summary>
    /// <param name="target">X-Amz-Target</param>
    /// <param name="body">JSON.</param>
    public IEnumerable<(string Name, string Value)> Headers(string target, string body)
    {
        var date = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{date[..8]}/{credentials.Region}/glue/aws4_request";
        var canonical =
            $"POST\n/\n\ncontent-type:{ContentType}\nhost:{url.Authority}\nx-amz-date:{date}\nx-amz-target:{target}\n\n"
            + $"{SignedHeaders}\n{Hash(body)}";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hash(canonical)}";
        return
        [
            ("Host", url.Authority),
            ("X-Amz-Date", date),
            ("X-Amz-Target", target),
            (
                "Authorization",
                $"AWS4-HMAC-SHA256 Credential={credentials.AccessKey}/{scope}, SignedHeaders={SignedHeaders}, "
                    + $"Signature={Sign(scope, toSign)}"
            ),
        ];
    }

    private byte[] Bytes(string target, string body)
    {
        var headers = string.Concat(Headers(target, body).Select(header => $"{header.Name}: {header.Value}\r\n"));
        return Encoding.UTF8.GetBytes(
            $"POST / HTTP/1.1\r\n{headers}Content-Type: {ContentType}\r\n"
                + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"
        );
    }

    private string Sign(string scope, string toSign)
    {
        if (credentials.Secret is not { } secret)
            return new string('0', 64);
        var key = Encoding.UTF8.GetBytes($"AWS4{secret}");
        foreach (var part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private static string Hash(string text) => Hex(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
