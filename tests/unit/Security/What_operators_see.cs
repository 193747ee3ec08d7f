using System.Net;
using System.Text;
using GlueOrleans.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace GlueOrleans.Tests.Unit.Security;

/// <summary>Dashboard and metrics: what shows all accounts.</summary>
public sealed class What_operators_see
{
    private const string Operator = "AKIAOPERATOR7EXAMPLE";
    private const string Other = "AKIASOMEONE7EXAMPLE";
    private const string Secret = "a-secret:with-a-colon";

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer x", HttpStatusCode.Unauthorized)]
    [InlineData("Basic", HttpStatusCode.Unauthorized)]
    [InlineData("Basic !", HttpStatusCode.Unauthorized)]
    [InlineData("AKIANOBODYS7EXAMPLE:" + Secret, HttpStatusCode.Unauthorized)]
    [InlineData(Operator, HttpStatusCode.Unauthorized)]
    [InlineData(Operator + ":", HttpStatusCode.Unauthorized)]
    [InlineData(Operator + ":" + Secret + "x", HttpStatusCode.Unauthorized)]
    [InlineData(Other + ":" + Secret, HttpStatusCode.Forbidden)]
    [InlineData(Operator + ":" + Secret, HttpStatusCode.OK)]
    public async Task Is_for_keys_of_operators(string? given, HttpStatusCode status)
    {
        await using var app = await Start(withCredentials: true);
        using var answer = await Get(app, "/shown", given);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(
            status == HttpStatusCode.Unauthorized,
            answer.Headers.WwwAuthenticate.ToString().StartsWith("Basic realm=", StringComparison.Ordinal)
        );
        using var inAnotherSpelling = await Get(app, "/SHOW%4E", given);
        Assert.Equal(status, inAnotherSpelling.StatusCode);
    }

    [Fact]
    public async Task Is_all_that_is_guarded()
    {
        await using var app = await Start(withCredentials: true);
        using var answer = await Get(app, "/other", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Is_open_without_credentials()
    {
        await using var app = await Start(withCredentials: false);
        using var answer = await Get(app, "/shown", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> Get(WebApplication app, string path, string? given)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single() + path);
        var header =
            given is null || given.StartsWith('B')
                ? given
                : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(given));
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Authorization", header);
        return await http.SendAsync(request);
    }

    private static async Task<WebApplication> Start(bool withCredentials)
    {
        var options = new AuthOptions();
        if (withCredentials)
        {
            foreach (var id in new[] { Operator, Other })
            {
                options.Credentials.Add(
                    new CredentialOptions
                    {
                        AccessKeyId = id,
                        SecretAccessKey = Secret,
                        Account = "123456789012",
                        Operator = id == Operator,
                    }
                );
            }
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(provider => new CredentialStore(
            CredentialSource.Find(options, dataFolder: null),
            TimeProvider.System,
            provider.GetRequiredService<ILogger<CredentialStore>>()
        ));
        var app = builder.Build();
        app.UseOperatorsOnly();
        app.MapGet("/shown", () => "all of it").ForOperatorsOnly();
        app.MapGet("/other", () => "fine");
        await app.StartAsync();
        return app;
    }
}
