using GlueOrleans.Gateway.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Security;

/// <summary>Finds out who makes a request. Where no credentials are configured, whoever they say they are.</summary>
internal sealed class Authenticator(
    CredentialStore credentials,
    IOptions<GatewayOptions> options,
    [FromKeyedServices(Failover.WallKey)] TimeProvider clock
)
{
    /// <summary>Glue's, for which a request is signed that names no service.</summary>
    public const string DefaultService = "glue";

    private readonly GatewayOptions _options = options.Value;

    public bool IsRequired => credentials.AreRequired;

    /// <summary>Why a request would be refused whatever its body is, or nothing. For requests whose bodies take memory that is
    /// all callers'.</summary>
    public AwsError? Foresee(HttpRequest request) =>
        credentials.AreRequired
            ? SigV4.Foresee(SignedRequest.Of(request, default), credentials.Current, clock.GetUtcNow())
            : null;

    /// <returns>Why the request is refused; or nothing, and there is a caller.</returns>
    /// <param name="request">Whose body has been read.</param>
    /// <param name="body">That body.</param>
    /// <param name="service">That the request is for, as signatures name it.</param>
    /// <param name="caller">Who makes it.</param>
    public AwsError? Identify(HttpRequest request, ReadOnlyMemory<byte> body, string service, out Caller caller)
    {
        caller = Caller.From(request.Headers, _options.DefaultAccount) with { Region = _options.Region };
        if (!credentials.AreRequired)
            return null;
        var verdict = SigV4.Verify(
            SignedRequest.Of(request, body),
            credentials.Current,
            _options.Region,
            service,
            clock.GetUtcNow()
        );
        if (verdict.Key is not { } key)
        {
            caller = default;
            return verdict.Error;
        }

        caller = caller with { Account = key.Account, Key = key };
        return null;
    }
}
