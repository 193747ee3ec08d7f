using System.Collections.Frozen;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>One action of a service that speaks the older AWS Query protocol: a form in, XML out.</summary>
internal interface IAwsQueryAction
{
    /// <summary>As in the parameter <c>Action</c>.</summary>
    string Name { get; }

    /// <summary>As in the parameter <c>Version</c>.</summary>
    string Version { get; }

    /// <summary>The XML namespace of the service's answers.</summary>
    XNamespace Namespace { get; }

    /// <returns>The children of the answer's <c>…Result</c>, or what is wrong.</returns>
    QueryResult Handle(IReadOnlyDictionary<string, string> parameters, Caller caller);
}

/// <summary>What an action answers.</summary>
internal readonly record struct QueryResult(XElement[]? Elements, AwsError? Error)
{
    public static implicit operator QueryResult(XElement[] elements) => new(elements, null);

    public static implicit operator QueryResult(AwsError error) => new(null, error);
}

/// <summary>
/// The AWS Query protocol on this endpoint: <c>POST /</c> with <c>Action=…&amp;Version=…</c> as a form and no
/// <c>X-Amz-Target</c>. STS and IAM speak it, which clients of Glue call on the same address (glue-behaviour.md 8.1).
/// </summary>
internal sealed class AwsQuery
{
    private const string FormType = "application/x-www-form-urlencoded";
    private const string ContentType = "text/xml; charset=utf-8";
    private const int MaxParameters = 1000;

    private readonly FrozenDictionary<string, IAwsQueryAction> _actions;
    private readonly string _supported;

    public AwsQuery(IEnumerable<IAwsQueryAction> actions)
    {
        _actions = actions.ToFrozenDictionary(action => action.Name, StringComparer.Ordinal);
        _supported = string.Join(", ", _actions.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Whether a request without a target is one of this protocol.</summary>
    public static bool IsSpokenIn(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith(FormType, StringComparison.OrdinalIgnoreCase);

    public AwsAnswer Handle(ReadOnlyMemory<byte> body, Caller caller, string requestId)
    {
        Dictionary<string, string> parameters;
        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueCountLimit = MaxParameters };
            parameters = reader.ReadForm().ToDictionary(p => p.Key, p => p.Value[0] ?? "", StringComparer.Ordinal);
        }
        catch (InvalidDataException fault)
        {
            return Sender("MalformedInput", $"The form cannot be read: {fault.Message}");
        }

        var (name, version) = (parameters.GetValueOrDefault("Action", ""), parameters.GetValueOrDefault("Version", ""));
        if (!_actions.TryGetValue(name, out var action) || action.Version != version)
        {
            return Sender(
                "InvalidAction",
                $"Could not find operation '{EchoedValue.Of(name)}' for version '{EchoedValue.Of(version)}'. "
                    + $"Supported by this server: {_supported}."
            );
        }

        var result = action.Handle(parameters, caller);
        if (result.Error is { } error)
            return error;
        return Bytes(
            new XElement(
                action.Namespace + $"{name}Response",
                new XElement(action.Namespace + $"{name}Result", result.Elements!),
                new XElement(
                    action.Namespace + "ResponseMetadata",
                    new XElement(action.Namespace + "RequestId", requestId)
                )
            )
        );
    }

    public static Task Write(HttpContext http, AwsAnswer answer, string requestId) =>
        answer.Error is { } error
            ? AwsResponse.Write(http, error.Status, ContentType, OfError(error, requestId))
            : AwsResponse.Write(http, StatusCodes.Status200OK, ContentType, answer.Body!);

    /// <summary>A fault of the caller's.</summary>
    public static AwsError Sender(string code, string message) =>
        new(code, StatusCodes.Status400BadRequest, "Message", message);

    private static byte[] OfError(AwsError error, string requestId) =>
        Bytes(
            new XElement(
                "ErrorResponse",
                new XElement(
                    "Error",
                    new XElement(
                        "Type",
                        error.Status < StatusCodes.Status500InternalServerError ? "Sender" : "Receiver"
                    ),
                    new XElement("Code", error.Code),
                    new XElement("Message", OfXml(error.Message))
                ),
                new XElement("RequestId", requestId)
            )
        );

    /// <summary>XML has no way to say some characters, which an echoed value may have.</summary>
    private static string OfXml(string text) =>
        string.Concat(
            text.EnumerateRunes()
                .Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? Rune.ReplacementChar : rune)
        );

    private static byte[] Bytes(XElement root) => Encoding.UTF8.GetBytes(root.ToString(SaveOptions.DisableFormatting));
}
