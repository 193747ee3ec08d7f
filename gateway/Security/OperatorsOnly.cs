using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Gateway.Security;

/// <summary>
/// What shows the whole node, whatever the account: for access keys marked as an operator's, by HTTP Basic with the access
/// key id and the secret, which browsers and Prometheus can do. Open where no credentials are configured.
/// </summary>
/// <remarks>Unlike a signature this sends the secret itself: over a network only through TLS.</remarks>
public static class OperatorsOnly
{
    private const string Scheme = "Basic";

    /// <summary>Characters, before decoding.</summary>
    private const int LongestParameter = 4096;

    /// <summary>Marks endpoints that <see cref="UseOperatorsOnly"/> guards.</summary>
    public static TBuilder ForOperatorsOnly<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(Mark.Instance);

    /// <summary>Lets nobody else through to endpoints that are marked. Needs a <see cref="CredentialStore"/>.</summary>
    public static IApplicationBuilder UseOperatorsOnly(this IApplicationBuilder app)
    {
        var credentials = app.ApplicationServices.GetRequiredService<CredentialStore>();
        return app.Use(
            (http, next) =>
                !credentials.AreRequired || http.GetEndpoint()?.Metadata.GetMetadata<Mark>() is null
                    ? next(http)
                    : Guard(http, next, credentials)
        );
    }

    private static Task Guard(HttpContext http, RequestDelegate next, CredentialStore credentials)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (Find(http.Request.Headers.Authorization, credentials.Current) is not { } key)
        {
            http.Response.Headers.WWWAuthenticate = $"{Scheme} realm=\"GlueOrleans\", charset=\"UTF-8\"";
            return Refuse(
                http,
                StatusCodes.Status401Unauthorized,
                "Give the access key id of an operator as the user name, and its secret access key as the password."
            );
        }

        return key.IsOperator
            ? next(http)
            : Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"The access key {key.Id} is not an operator's: this shows all accounts. Credentials are made so with --operator."
            );
    }

    /// <summary>The key, if the secret is its own. Takes as long for a key that does not exist.</summary>
    private static AccessKey? Find(string? authorization, ICredentials credentials)
    {
        if (
            !AuthenticationHeaderValue.TryParse(authorization, out var header)
            || !Scheme.Equals(header.Scheme, StringComparison.OrdinalIgnoreCase)
            || header.Parameter is not { Length: > 0 and <= LongestParameter } parameter
        )
        {
            return null;
        }

        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var key = colon < 0 ? null : credentials.Find(text[..colon]);
        var isRight = (key ?? AccessKey.Nobody).HasSecret(text[(colon + 1)..]);
        return isRight ? key : null;
    }

    private static Task Refuse(HttpContext http, int status, string why)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(why + "\n", http.RequestAborted);
    }

    private sealed class Mark
    {
        public static Mark Instance { get; } = new();
    }
}
