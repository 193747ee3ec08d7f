using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GlueOrleans.Tests.Unit.Security;

/// <summary>The requests of sigv4-vectors.json, which an SDK signed at <see cref="Now"/> with <see cref="Key"/>.</summary>
internal static class SignedVectors
{
    private static readonly JsonObject File = JsonNode
        .Parse(Assembly.GetExecutingAssembly().GetManifestResourceStream("sigv4-vectors.json")!)!
        .AsObject();

    public static DateTimeOffset Now { get; } = (DateTimeOffset)File["now"]!;

    public static string AccessKeyId { get; } = (string)File["accessKeyId"]!;

    public static AccessKey Key { get; } = KeyWith((string)File["secretAccessKey"]!);

    public static IEnumerable<string> Names => File["requests"]!.AsArray().Select(request => (string)request!["name"]!);

    public static Vector Named(string name)
    {
        var json = File["requests"]!.AsArray().Single(request => (string)request!["name"]! == name)!;
        var headers = new HeaderDictionary();
        foreach (var header in json["headers"]!.AsArray())
            headers.Append((string)header![0]!, (string)header[1]!);
        return new Vector(
            new SignedRequest
            {
                Method = (string)json["method"]!,
                Path = (string)json["path"]!,
                Query = (string)json["query"]!,
                Headers = headers,
                Body = Encoding.UTF8.GetBytes((string)json["body"]!),
            },
            (string)json["region"]!,
            (string)json["service"]!
        );
    }

    public static AccessKey KeyWith(string secret, string? id = null) =>
        new(id ?? AccessKeyId, secret, "123456789012", "ann", Permissions.All);

    public static SignedRequest With(
        this SignedRequest request,
        string? method = null,
        string? path = null,
        string? query = null,
        ReadOnlyMemory<byte>? body = null,
        Action<IHeaderDictionary>? headers = null
    )
    {
        var copy = new HeaderDictionary(
            new Dictionary<string, StringValues>(request.Headers, StringComparer.OrdinalIgnoreCase)
        );
        headers?.Invoke(copy);
        return new SignedRequest
        {
            Method = method ?? request.Method,
            Path = path ?? request.Path,
            Query = query ?? request.Query,
            Body = body ?? request.Body,
            Headers = copy,
        };
    }
}

/// <summary>A signed request, and what it was signed for.</summary>
internal sealed record Vector(SignedRequest Request, string Region, string Service)
{
    public Verdict Verify(DateTimeOffset? now = null, AccessKey? key = null, SignedRequest? request = null) =>
        SigV4.Verify(
            request ?? Request,
            new CredentialSet([key ?? SignedVectors.Key]),
            Region,
            Service,
            now ?? SignedVectors.Now
        );
}
