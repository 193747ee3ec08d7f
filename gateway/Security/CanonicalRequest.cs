using Microsoft.Extensions.Primitives;

namespace GlueOrleans.Gateway.Security;

/// <summary>One <c>name=value</c> of a URL, decoded.</summary>
internal readonly record struct QueryParameter(string Name, string Value);

/// <summary>The one form of a request that both sides sign (glue-behaviour.md 1.4.2).</summary>
internal static class CanonicalRequest
{
    /// <summary>Characters of a query, and its parameters. Kestrel takes no more than 8 KiB of a URL.</summary>
    private const int LongestQuery = 16 * 1024;

    private const int MostParameters = 256;

    /// <param name="request">As it came.</param>
    /// <param name="query">Of its URL, without the signature itself.</param>
    /// <param name="headers">That were signed: lower case, sorted.</param>
    /// <param name="bodyHash">Hexadecimal SHA-256 of the body.</param>
    /// <param name="text">Gets it.</param>
    public static void Append(
        SignedRequest request,
        IReadOnlyList<QueryParameter> query,
        ReadOnlySpan<string> headers,
        ReadOnlySpan<char> bodyHash,
        ref Utf8Text text
    )
    {
        text.Append(request.Method);
        text.Append('\n');
        text.Append(Path(request.Path));
        text.Append('\n');
        if (query.Count > 0)
            text.Append(Canonical(query));
        text.Append('\n');
        foreach (var name in headers)
        {
            text.Append(name);
            text.Append(':');
            AppendValue(request.Headers[name], ref text);
            text.Append('\n');
        }

        for (var i = 0; i < headers.Length; i++)
        {
            text.Append(i == 0 ? '\n' : ';');
            text.Append(headers[i]);
        }

        text.Append('\n');
        text.Append(bodyHash);
    }

    /// <summary>The parameters of a URL; <c>null</c>: more than anybody signs.</summary>
    public static IReadOnlyList<QueryParameter>? Query(string raw)
    {
        if (raw.Length == 0)
            return [];
        if (raw.Length > LongestQuery)
            return null;
        var parts = raw.Split('&', MostParameters + 1);
        return parts.Length > MostParameters ? null : [.. parts.Where(part => part.Length > 0).Select(Parameter)];
    }

    private static string Canonical(IReadOnlyList<QueryParameter> query) =>
        string.Join(
            '&',
            query
                .Select(parameter => (Name: Encode(parameter.Name), Value: Encode(parameter.Value)))
                .OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
                .ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
                .Select(parameter => $"{parameter.Name}={parameter.Value}")
        );

    private static QueryParameter Parameter(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? new QueryParameter(Uri.UnescapeDataString(part), "")
            : new QueryParameter(Uri.UnescapeDataString(part[..equals]), Uri.UnescapeDataString(part[(equals + 1)..]));
    }

    /// <summary>Encoded once more than it was sent, as every service but S3 has it.</summary>
    private static string Path(string raw) => raw is "" or "/" ? "/" : string.Join('/', raw.Split('/').Select(Encode));

    /// <summary>RFC 3986: all but letters, digits and <c>-_.~</c>.</summary>
    private static string Encode(string text) => Uri.EscapeDataString(text);

    /// <summary>Values in their order, without outer blanks, inner runs of blanks as one.</summary>
    private static void AppendValue(StringValues values, ref Utf8Text text)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                text.Append(',');
            var isFirst = true;
            foreach (var word in (values[i] ?? "").AsSpan().SplitAny(' ', '\t'))
            {
                var span = (values[i] ?? "").AsSpan()[word];
                if (span.Length == 0)
                    continue;
                if (!isFirst)
                    text.Append(' ');
                text.Append(span);
                isFirst = false;
            }
        }
    }
}
