using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GlueOrleans.Tests.FuzzSuite.Hosts;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>A request that was signed well, and what was done to it afterwards.</summary>
/// <param name="Request">As it is sent.</param>
/// <param name="Now">The server's time.</param>
/// <param name="Change">In words.</param>
/// <param name="IsGood">Nothing that is signed has changed.</param>
internal sealed record SignedCase(HttpCase Request, DateTimeOffset Now, string Change, bool IsGood)
{
    public override string ToString() => $"{Change}, at {Now:u}\n{Request}";
}

/// <summary>Signed requests at random. The signer is written after AWS's description, and shares nothing with the server's.</summary>
internal static class SignedCases
{
    public const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string Region = "eu-central-1";
    public const string Service = "glue";
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

    public static SignedCase Make(Random random)
    {
        var signedAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(400 * 86_400));
        var now = signedAt.AddSeconds(random.Next(-299, 300));
        var request = random.Chance(4) ? Presigned(random, signedAt) : Signed(random, signedAt);
        return random.Next(8) switch
        {
            0 => new SignedCase(request, now, "unchanged", IsGood: true),
            1 => new SignedCase(WithUnsigned(random, request), now, "another unsigned header", IsGood: true),
            2 => Late(random, request, signedAt),
            _ => Changed(random, request, now),
        };
    }

    private static HttpCase Signed(Random random, DateTimeOffset at)
    {
        var body = Body(random);
        var headers = new List<(string Name, string Value)>
        {
            ("Host", "glue.example:4580"),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "AWSGlue.GetJob"),
            ("X-Amz-Date", Time(at)),
            ("amz-sdk-invocation-id", Guid.Empty.ToString()),
        };
        if (random.Chance(3))
            headers.Add(("X-Amz-Content-Sha256", Hex(SHA256.HashData(body))));
        if (random.Chance(3))
            headers.Add(("X-Amz-Meta", random.Pick(["a  b", "a", "\u00e9", "a,b", ""])));
        var signed = headers.Where(h => !h.Name.StartsWith("amz-", StringComparison.Ordinal)).Select(Lower).ToList();
        if (random.Chance(3))
            signed.Add("amz-sdk-invocation-id");
        signed.Sort(StringComparer.Ordinal);
        var target = "/" + random.Pick(["", "", "?a=b", "?b=2&a=1&a=0", "?x", "?q=%C3%A9%20~%2F"]);
        var request = new HttpCase("POST", target, headers, body);
        var signature = Signature(request, signed, at);
        headers.Add(
            (
                "Authorization",
                $"AWS4-HMAC-SHA256 Credential={KeyId}/{Scope(at)}, SignedHeaders={string.Join(';', signed)}, Signature={signature}"
            )
        );
        return request;
    }

    private static HttpCase Presigned(Random random, DateTimeOffset at)
    {
        var body = Body(random);
        List<(string Name, string Value)> headers = [("Host", "glue.example"), ("X-Amz-Target", "AWSGlue.GetJob")];
        var query =
            $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Encoded($"{KeyId}/{Scope(at)}")}&X-Amz-Date={Time(at)}"
            + "&X-Amz-Expires=600&X-Amz-SignedHeaders=host%3Bx-amz-target";
        var request = new HttpCase("POST", "/?" + query, headers, body);
        var signature = Signature(request, ["host", "x-amz-target"], at);
        return request with { Target = $"{request.Target}&X-Amz-Signature={signature}" };
    }

    private static byte[] Body(Random random)
    {
        var body = new byte[random.Pick([0, 1, 20, 300])];
        random.NextBytes(body);
        return body;
    }

    private static HttpCase WithUnsigned(Random random, HttpCase request) =>
        request with
        {
            Headers =
            [
                .. request.Headers,
                (
                    random.Pick(["User-Agent", "Accept-Encoding", "X-Forwarded-For", "Via", "X-Amzn-Trace-Id"]),
                    Texts.Of(random, 10)
                ),
            ],
        };

    /// <summary>Right, and too old or too early.</summary>
    private static SignedCase Late(Random random, HttpCase request, DateTimeOffset signedAt)
    {
        var seconds = random.Pick([-301, -100_000, 601, 1000, 86_400, 1_000_000_000, -800_000_000]);
        return new SignedCase(request, signedAt.AddSeconds(seconds), $"{seconds} s after it was signed", IsGood: false);
    }

    /// <summary>One thing that is signed is another.</summary>
    private static SignedCase Changed(Random random, HttpCase request, DateTimeOffset now)
    {
        var (what, changed) = random.Next(8) switch
        {
            0 => ("method", request with { Method = random.Pick(["GET", "PUT", "post", "POST ", "HEAD"]) }),
            1 => (
                "path",
                request with
                {
                    Target = random.Pick(["/a", "//", "/.", "/%2F", "/%"]) + request.Target[1..],
                }
            ),
            2 => (
                "query",
                request with
                {
                    Target = request.Target + random.Pick(["?c", "&c=d", "?a=c", "&a", "&X-Amz-Expires=9"]),
                }
            ),
            3 => ("body", request with { Body = Other(random, request.Body) }),
            4 => WithHeader(random, request),
            5 => (
                "a signed header too many",
                request with
                {
                    Headers = [.. request.Headers, ("X-Amz-Target", "AWSGlue.DeleteJob")],
                }
            ),
            6 => (
                "an x-amz header that is not signed",
                request with
                {
                    Headers = [.. request.Headers, ("X-Amz-New", "1")],
                }
            ),
            _ => WithClaim(random, request),
        };
        return new SignedCase(changed, now, what, IsGood: false);
    }

    private static byte[] Other(Random random, byte[] body)
    {
        var other = Mutations.OfBytes(random, body);
        return other.AsSpan().SequenceEqual(body) ? [.. body, 0] : other;
    }

    /// <summary>A header whose name is signed has another value, or is not there.</summary>
    private static (string What, HttpCase Changed) WithHeader(Random random, HttpCase request)
    {
        var names = new[] { "Host", "X-Amz-Target", "X-Amz-Date", "Content-Type", "X-Amz-Meta" };
        var isPresigned = request.Header("Authorization") is null;
        var at = random.Pick(
            Enumerable
                .Range(0, request.Headers.Count)
                .Where(i => names.Contains(request.Headers[i].Name) && (!isPresigned || i < 2))
                .ToList()
        );
        var (name, value) = request.Headers[at];
        var headers = request.Headers.ToList();
        if (random.Chance(4) && value.Length > 0)
            headers.RemoveAt(at);
        else
            headers[at] = (
                name,
                random.Pick([value + "x", "x" + value, value + ",x", "x\0", $"{value} {value}x", value + "\u00e9"])
            );
        return ($"the header {name}", request with { Headers = headers });
    }

    /// <summary>The signature's own parts: key, scope, names of headers, time, signature.</summary>
    private static (string What, HttpCase Changed) WithClaim(Random random, HttpCase request)
    {
        // Each in the one place where it is, header or query; a digit of the scope's date, a letter of a name …
        var text = request.Header("Authorization") ?? request.Target;
        var (what, word) = random.Pick<(string, string)>([
            ("key id", KeyId),
            ("scope's region", Region),
            ("scope's end", "aws4_request"),
            ("algorithm", "AWS4-HMAC-SHA256"),
            ("names of headers", "x-amz-target"),
            ("Credential", "Credential="),
            ("Signature", "Signature="),
            ("signature", text[^64..]),
            ("signature's end", text[^1..]),
        ]);
        var at = text.LastIndexOf(word, StringComparison.Ordinal);
        var i = at + random.Next(word.Length);
        var changed = random.Next(4) switch
        {
            0 => text.Remove(i, 1),
            1 => text.Insert(i + 1, random.Pick(["x", "0", "/", "%"])),
            2 => text[..i] + (text[i] == '0' ? '1' : '0') + text[(i + 1)..],
            _ => text[..at] + text[(at + word.Length)..],
        };
        return request.Header("Authorization") is null
            ? (what, request with { Target = changed })
            : (
                what,
                request with
                {
                    Headers = [.. request.Headers.Select(h => h.Name == "Authorization" ? (h.Name, changed) : h)],
                }
            );
    }

    private static string Signature(HttpCase request, IEnumerable<string> signed, DateTimeOffset at)
    {
        var question = request.Target.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : request.Target[(question + 1)..];
        var parameters = query
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=")
            .Order(StringComparer.Ordinal);
        var canonical = new StringBuilder($"{request.Method}\n/\n{string.Join('&', parameters)}\n");
        foreach (var name in signed)
        {
            var value = request.Headers.First(h => Lower(h) == name).Value.Replace("  ", " ", StringComparison.Ordinal);
            canonical.Append(CultureInfo.InvariantCulture, $"{name}:{value}\n");
        }

        canonical.Append(
            CultureInfo.InvariantCulture,
            $"\n{string.Join(';', signed)}\n{Hex(SHA256.HashData(request.Body))}"
        );
        var toSign =
            $"AWS4-HMAC-SHA256\n{Time(at)}\n{Scope(at)}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (var part in new[] { Day(at), Region, Service, "aws4_request", toSign })
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Hex(key);
    }

    private static string Encoded(string text) =>
        string.Concat(
            Encoding
                .UTF8.GetBytes(text)
                .Select(b => Unreserved.Contains((char)b, StringComparison.Ordinal) ? $"{(char)b}" : $"%{b:X2}")
        );

    private static string Lower((string Name, string Value) header) => header.Name.ToLowerInvariant();

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Scope(DateTimeOffset at) => $"{Day(at)}/{Region}/{Service}/aws4_request";

    private static string Day(DateTimeOffset at) => at.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at) => at.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
