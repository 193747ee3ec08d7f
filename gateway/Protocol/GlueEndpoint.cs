using System.Collections.Frozen;
using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// The endpoint that AWS clients are pointed at: every operation of every service is a <c>POST /</c>, told apart by the
/// header <c>X-Amz-Target</c>, or, in the Query protocol, by the form that is its body. Reads the request, finds its service, and turns whatever happens into an answer.
/// </summary>
internal sealed class GlueEndpoint(
    IEnumerable<IAwsJsonService> services,
    AwsQuery query,
    Authenticator authenticator,
    Failover failover,
    Intake intake,
    HeldRefusals refusals,
    RequestRates rates,
    BodyMemory memory,
    IOptions<GatewayOptions> options,
    [FromKeyedServices(Failover.WallKey)] TimeProvider clock,
    ILogger<GlueEndpoint> logger
)
{
    private const string TargetHeader = "X-Amz-Target";

    /// <summary>Of a request that is shed: what is larger is not waited for, and ends its connection.</summary>
    private const long LargestUnreadBody = 64 * 1024;

    private static readonly byte[] EmptyRequest = "{}"u8.ToArray();

    private readonly GatewayOptions _options = options.Value;
    private readonly FrozenDictionary<string, IAwsJsonService> _services = services.ToFrozenDictionary(
        service => service.TargetPrefix,
        StringComparer.Ordinal
    );

    /// <summary>Whatever arrives at <c>/</c>.</summary>
    public Task Root(HttpContext http)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsPost(method))
            return Post(http);
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return Welcome(http);
        AwsResponse.BeginRequest(http);
        http.Response.Headers.Allow = "GET, HEAD, POST";
        return AwsResponse.WriteError(
            http,
            AwsErrors.MethodNotAllowed($"{EchoedValue.Of(method)} is not allowed: AWS JSON requests are POST requests.")
        );
    }

    /// <summary>Whatever arrives anywhere that nobody serves.</summary>
    public static Task UnknownPath(HttpContext http)
    {
        AwsResponse.BeginRequest(http);
        return AwsResponse.WriteError(
            http,
            AwsErrors.UnknownPath("Nothing is served at this path: the Glue API is at the path '/', by POST.")
        );
    }

    private async Task Post(HttpContext http)
    {
        var requestId = AwsResponse.BeginRequest(http);
        var target = http.Request.Headers[TargetHeader].ToString();
        var isQuery = target.Length == 0 && AwsQuery.IsSpokenIn(http.Request);
        var begunAt = clock.GetTimestamp();
        AwsAnswer answer;
        try
        {
            answer = await Answer(http, target, isQuery, requestId);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody is left to tell.
            return;
        }
        catch (ClientGoneException)
        {
            return;
        }
        catch (Exception failure)
        {
            answer = Explain(failure, target, requestId);
        }

        ApiMetrics.Answered(NameOf(target, isQuery), answer.Error?.Code, clock.GetElapsedTime(begunAt));

        try
        {
            await (isQuery ? AwsQuery.Write(http, answer, requestId) : AwsResponse.Write(http, answer));
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // As above.
        }
    }

    private async Task<AwsAnswer> Answer(HttpContext http, string target, bool isQuery, string requestId)
    {
        var kind = RequestKinds.Of(target);
        if (intake.IsFull(kind))
        {
            if (HasLargeBody(http))
                EndConnection(http);
            await refusals.Hold(http.RequestAborted);
            return Shed("requests");
        }

        var refusal = RequestBody.MayTakeMemory(http) ? authenticator.Foresee(http.Request) : null;
        using var body = await RequestBody.Read(http, _options, memory, clock, isWanted: refusal is null);
        if (body.Fault != BodyFault.None)
        {
            // What was not read is still on its way: the connection cannot carry another request.
            EndConnection(http);
            return body.Fault switch
            {
                BodyFault.TooLarge => AwsErrors.TooLarge(_options.MaxRequestBytes),
                BodyFault.Unwanted => refusal!,
                BodyFault.TooSlow => AwsErrors.TooSlow(_options.BodyTimeout),
                _ => Shed("bodies"),
            };
        }

        using var place = await intake.Enter(kind, http.RequestAborted);
        if (!place.IsAcquired)
            return Shed("requests");

        // Strangers learn nothing of what there is, not even which operations.
        var service = Find(target, out var operation);
        var signedFor = isQuery ? query.ServiceOf(body.Bytes) : service?.SigningName ?? Authenticator.DefaultService;
        if (authenticator.Identify(http.Request, body.Bytes, signedFor, out var caller) is { } stranger)
            return stranger;

        var encoding = http.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return AwsErrors.Serialization(
                $"Content-Encoding '{EchoedValue.Of(encoding)}' is not supported: send the body uncompressed."
            );
        }

        if (rates.IsExceededBy(caller))
            return Shed("rate");
        if (isQuery)
            return query.Handle(body.Bytes, caller, requestId);
        if (target.Length == 0)
        {
            return AwsErrors.UnknownOperation(
                $"The header {TargetHeader} is missing. It names the operation, for example AWSGlue.StartJobRun."
            );
        }

        if (service is null)
        {
            return AwsErrors.UnknownOperation(
                $"{TargetHeader} '{EchoedValue.Of(target)}' is not served here. "
                    + $"Known prefixes: {string.Join(", ", _services.Keys.Order(StringComparer.Ordinal))}."
            );
        }

        return await failover.Handle(
            service,
            operation,
            body.Bytes.Length == 0 ? EmptyRequest : body.Bytes,
            caller,
            kind,
            http.RequestAborted
        );
    }

    private static AwsError Shed(string reason)
    {
        ApiMetrics.WasShed(reason);
        return AwsErrors.Throttled;
    }

    /// <summary>Kestrel reads the rest of a body after the answer, so that the connection can go on; that should not take
    /// long. A client that waits to be asked for its body would have to be asked first.</summary>
    private static bool HasLargeBody(HttpContext http) =>
        http.Request.Headers.Expect.Count > 0
        || http.Request.ContentLength is > LargestUnreadBody
        || (
            http.Request.ContentLength is null
            && http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        );

    private static void EndConnection(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
            http.Response.Headers.Connection = "close";
    }

    private IAwsJsonService? Find(string target, out string operation)
    {
        var dot = target.IndexOf('.', StringComparison.Ordinal);
        operation = target[(dot + 1)..];
        return dot < 0 ? null : _services.GetValueOrDefault(target[..dot]);
    }

    /// <summary>For metrics, of which there must not be more than there are operations.</summary>
    private string NameOf(string target, bool isQuery) =>
        isQuery ? "query"
        : Find(target, out var operation) is { } service && service.Knows(operation) ? operation
        : "unknown";

    private AwsError Explain(Exception failure, string target, string requestId)
    {
        var name = EchoedValue.Of(target);
        var mayRepeat = Find(target, out var operation) is not { } service || service.MayRepeat(operation);
        switch (failure)
        {
            case BadHttpRequestException:
                // Kestrel's words for a broken chunk or a body that ends early.
                return AwsErrors.Serialization($"The request body could not be read: {failure.Message}");
            case TimeoutException when !mayRepeat:
                GatewayLog.TimedOut(logger, failure, name, requestId);
                return AwsErrors.OperationTimeout(
                    $"No answer in time. Whether the request took effect is unknown (request {requestId})."
                );
            case StoreUnavailableException:
                GatewayLog.StoreUnavailable(logger, failure, name, requestId);
                // Where the database is, or the data folder, is for whoever runs the node. Without credentials that is the caller.
                return AwsErrors.InternalService(
                    authenticator.IsRequired
                        ? $"The server's storage does not answer; its log tells more under request {requestId}."
                        : failure.Message
                );
            case var lost when Failover.IsLostSilo(lost):
                GatewayLog.NoSilo(logger, name, requestId, lost.Message);
                return AwsErrors.NoSilo(
                    "No silo of the cluster answers, or the one that did has gone. "
                        + (mayRepeat ? "Repeat the request" : "Whether the request took effect is unknown")
                        + $" (request {requestId})."
                );
            default:
                GatewayLog.Failed(logger, failure, name, requestId);
                return AwsErrors.InternalService(
                    $"The server failed to answer; its log tells more under request {requestId}."
                );
        }
    }

    private async Task Welcome(HttpContext http)
    {
        AwsResponse.BeginRequest(http);
        var url = $"{http.Request.Scheme}://{http.Request.Host}";
        var (with, whose) = authenticator.IsRequired
            ? ("an access key that its operator gave you", "The key's account is yours.")
            : (
                "any credentials",
                $"An access key id of twelve digits\nnames the account; any other one stands for account {_options.DefaultAccount}."
            );
        var text = $"""
            GlueOrleans: the AWS Glue Job Runs API, served from your own machines (region {_options.Region}).

            Point any AWS client at this address, with {with}:

                aws glue list-jobs --endpoint-url {url} --region {_options.Region}

            or set AWS_ENDPOINT_URL_GLUE={url} in its environment. {whose}

            """;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
