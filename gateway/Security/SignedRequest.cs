using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GlueOrleans.Gateway.Security;

/// <summary>What a signature is over: a request as it came over the wire, nothing of it decoded or put in order.</summary>
internal sealed class SignedRequest
{
    public required string Method { get; init; }

    /// <summary>As sent, percent-encoded. Empty counts as <c>/</c>.</summary>
    public required string Path { get; init; }

    /// <summary>As sent, percent-encoded, without the question mark. Empty: none.</summary>
    public string Query { get; init; } = "";

    /// <summary>Names in any case; a header that came several times has its values in order.</summary>
    public required IHeaderDictionary Headers { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <param name="request">Whose body has been read.</param>
    /// <param name="body">That body.</param>
    public static SignedRequest Of(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        // The path that routing uses is decoded; what was signed is not.
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        var path = string.IsNullOrEmpty(target) || target[0] != '/' ? request.Path.ToUriComponent() : target;
        var query = path.IndexOf('?', StringComparison.Ordinal);
        return new SignedRequest
        {
            Method = request.Method,
            Path = query < 0 ? path : path[..query],
            Query = request.QueryString.Value is { Length: > 0 } text ? text[1..] : "",
            Headers = request.Headers,
            Body = body,
        };
    }
}
