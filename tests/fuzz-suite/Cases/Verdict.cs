using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.FuzzSuite.Hosts;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>What every answer has to be, whatever the request was.</summary>
internal static class Verdict
{
    private const int LongestError = 64 * 1024;

    /// <summary>Errors with which a request may be answered whose sender is to blame; others are ours.</summary>
    private static readonly FrozenSet<string> Codes = ShapeTable
        .Glue.Operations.Values.SelectMany(operation => operation.Errors)
        .Where(error => !error.IsFault && error.Name != "OperationTimeoutException")
        .Select(error => error.Name)
        .Concat([
            "UnknownOperationException",
            "SerializationException",
            "ValidationException",
            "InvalidParameterException",
            "ResourceNotFoundException",
            "InvalidAction",
            "ValidationError",
            "MalformedInput",
            // Of authentication, which may be on.
            "MissingAuthenticationTokenException",
            "IncompleteSignatureException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "AccessDeniedException",
        ])
        .ToFrozenSet(StringComparer.Ordinal);

    /// <returns>What is wrong with the answer, or <c>null</c>; and the error's code, or the status.</returns>
    public static (string? Problem, string Code) On(HttpCase request, HttpAnswer answer)
    {
        if (answer.Status is not (200 or (>= 400 and < 500)))
            return ($"the status is {answer.Status}: {answer.Text}", Text(answer.Status));
        if (!Guid.TryParse(answer.Header("x-amzn-RequestId"), out _))
            return ($"x-amzn-RequestId is '{answer.Header("x-amzn-RequestId")}'", Text(answer.Status));
        foreach (var (name, value) in answer.Headers)
        {
            // Kestrel throws for other characters, and answers 500.
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                return ($"the header {name} is '{value}'", Text(answer.Status));
        }

        if (request.Method == "HEAD")
            return (answer.Body.Length > 0 ? "HEAD has a body" : null, "HEAD");
        if (answer.Header("Content-Length") != Text(answer.Body.Length))
            return ($"Content-Length is '{answer.Header("Content-Length")}'", Text(answer.Status));
        if (answer.Status != 200 && answer.Body.Length > LongestError)
            return ($"the error has {answer.Body.Length} bytes", Text(answer.Status));
        return answer.Header("Content-Type") switch
        {
            "application/x-amz-json-1.1" => OnJson(answer),
            "text/xml; charset=utf-8" => OnXml(answer),
            "text/plain; charset=utf-8" when request.Method == "GET" && answer.Status == 200 => (null, "GET"),
            var other => ($"the content type is '{other}'", Text(answer.Status)),
        };
    }

    private static (string? Problem, string Code) OnJson(HttpAnswer answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer.Body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return ("the body is no JSON object", "");
            if (answer.Status == 200)
                return (null, "200");
            var code = TextOf(json.RootElement, "__type");
            var message = TextOf(json.RootElement, "Message") ?? TextOf(json.RootElement, "message");
            var problem =
                code is null || !Codes.Contains(code) ? $"the error is '{code}': {message}"
                : string.IsNullOrEmpty(message) ? $"{code} has no message"
                : answer.Header("x-amzn-errortype") != code ? $"x-amzn-errortype is not {code}"
                : null;
            return (problem, code ?? "");
        }
        catch (JsonException e)
        {
            return ($"the body is not JSON: {e.Message}", "");
        }
    }

    private static (string? Problem, string Code) OnXml(HttpAnswer answer)
    {
        try
        {
            var xml = XElement.Parse(answer.Text);
            if (answer.Status == 200)
                return (null, "200");
            var error = xml.Element("Error");
            var code = error?.Element("Code")?.Value ?? "";
            var problem =
                !Codes.Contains(code) ? $"the error is '{code}'"
                : string.IsNullOrEmpty(error?.Element("Message")?.Value) ? $"{code} has no message"
                : string.IsNullOrEmpty(xml.Element("RequestId")?.Value) ? $"{code} has no request id"
                : null;
            return (problem, code);
        }
        catch (XmlException e)
        {
            return ($"the body is not XML: {e.Message}", "");
        }
    }

    private static string? TextOf(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
