using Microsoft.AspNetCore.Http;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>Writes answers as AWS clients expect them (glue-behaviour.md 1.2, 1.3).</summary>
internal static class AwsResponse
{
    private const string ContentType = "application/x-amz-json-1.1";

    /// <summary>Gives the response its id, before anything is written. SDKs show it with every error.</summary>
    public static string BeginRequest(HttpContext http)
    {
        var requestId = NewId().ToString();
        http.Response.Headers["x-amzn-RequestId"] = requestId;
        return requestId;
    }

    /// <summary>A UUID as any other, but for that it may be guessed: the kernel's randomness costs each request a call to it.</summary>
    private static Guid NewId()
    {
        Span<byte> random = stackalloc byte[16];
        Random.Shared.NextBytes(random);
        // Version 4, variant 1 (RFC 9562, 5.4).
        random[6] = (byte)((random[6] & 0x0F) | 0x40);
        random[8] = (byte)((random[8] & 0x3F) | 0x80);
        return new Guid(random, bigEndian: true);
    }

    public static Task Write(HttpContext http, AwsAnswer answer) =>
        answer.Error is { } error
            ? WriteError(http, error)
            : Write(http, StatusCodes.Status200OK, ContentType, answer.Body!);

    /// <summary>The code goes into the body, where botocore looks, and into a header, where other SDKs look.</summary>
    public static Task WriteError(HttpContext http, AwsError error)
    {
        http.Response.Headers["x-amzn-errortype"] = error.Code;
        return Write(http, error.Status, ContentType, AwsJson.Write(error));
    }

    public static async Task Write(HttpContext http, int status, string contentType, byte[] body)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.Body.WriteAsync(body, http.RequestAborted);
    }
}
