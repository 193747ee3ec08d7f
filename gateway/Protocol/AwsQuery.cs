using System.Collections.Frozen;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using GlueOrleans.Gateway.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>One action of a service that speaks the older AWS Query protocol: a form in, XML out.</summary>
internal interface IAwsQueryAction
{
    /// <summary>As in the parameter <c>Action</c>.</summary>
    string Name { get; }

    /// <summary>What requests for it are signed for: <c>sts</c>.</summary>
    string SigningName { get; }

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
    private const string DefaultService = "sts";
    private const int MaxParameters = 1000;

    /// <summary>What this protocol calls errors of the front door, all of them 403 but the first.</summary>
    private static readonly Dictionary<string, string> FrontDoorCodes = new(StringComparer.Ordinal)
    {
        [SignatureErrors.Incomplete] = "IncompleteSignature",
        [SignatureErrors.MissingToken] = "MissingAuthenticationToken",
        [SignatureErrors.UnrecognizedClient] = "InvalidClientTokenId",
        [SignatureErrors.InvalidSignature] = "SignatureDoesNotMatch",
        [Authorization.Denied] = "AccessDenied",
    };

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

    /// <summary>What a form has to be signed for: the service of its action, else of its version.</summary>
    public string ServiceOf(ReadOnlyMemory<byte> body)
    {
        if (Read(body, out var parameters) is not null)
            return DefaultService;
        var (name, version) = NameAndVersion(parameters);
        var meant = _actions.GetValueOrDefault(name) ?? _actions.Values.FirstOrDefault(a => a.Version == version);
        return meant?.SigningName ?? DefaultService;
    }

    public AwsAnswer Handle(ReadOnlyMemory<byte> body, Caller caller, string requestId)
    {
        if (Read(body, out var parameters) is { } fault)
            return fault;
        var (name, version) = NameAndVersion(parameters);
        if (!_actions.TryGetValue(name, out var action) || action.Version != version)
        {
            return Sender(
                "InvalidAction",
                $"Could not find operation '{EchoedValue.Of(name)}' for version '{EchoedValue.Of(version)}'. "
                    + $"Supported by this server: {_supported}."
            );
        }

        if (Authorization.Refusal(caller, action.SigningName, name) is { } refusal)
            return refusal;
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

    public static Task Write(HttpContext http, AwsAnswer answer, string requestId)
    {
        if (answer.Error is not { } said)
            return AwsResponse.Write(http, StatusCodes.Status200OK, ContentType, answer.Body!);
        var error = InItsWords(said);
        return AwsResponse.Write(http, error.Status, ContentType, OfError(error, requestId));
    }

    /// <summary>A fault of the caller's.</summary>
    public static AwsError Sender(string code, string message) =>
        new(code, StatusCodes.Status400BadRequest, "Message", message);

    private static AwsError InItsWords(AwsError error) =>
        FrontDoorCodes.TryGetValue(error.Code, out var code)
            ? error with
            {
                Code = code,
                Status =
                    error.Code == SignatureErrors.Incomplete
                        ? StatusCodes.Status400BadRequest
                        : StatusCodes.Status403Forbidden,
            }
            : error;

    private static AwsError? Read(ReadOnlyMemory<byte> body, out Dictionary<string, string> parameters)
    {
        parameters = [];
        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueCountLimit = MaxParameters };
            parameters = reader.ReadForm().ToDictionary(p => p.Key, p => p.Value[0] ?? "", StringComparer.Ordinal);
            return null;
        }
        catch (InvalidDataException fault)
        {
            return Sender("MalformedInput", $"The form cannot be read: {fault.Message}");
        }
    }

    private static (string Name, string Version) NameAndVersion(Dictionary<string, string> parameters) =>
        (parameters.GetValueOrDefault("Action", ""), parameters.GetValueOrDefault("Version", ""));

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
