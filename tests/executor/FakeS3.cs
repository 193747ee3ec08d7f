using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Tests.Executor;

/// <summary>Answers GetObject on loopback, for one object; 404 and 403 as S3 words them for others.</summary>
internal sealed class FakeS3 : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeS3(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public static async Task<FakeS3> Start(string bucket, string key, string content)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            var path = context.Request.Path.Value;
            if (path == $"/{bucket}/{key}")
            {
                await context.Response.WriteAsync(content);
                return;
            }

            var (status, code) = path == $"/{bucket}/forbidden.py" ? (403, "AccessDenied") : (404, "NoSuchKey");
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/xml";
            await context.Response.WriteAsync($"<Error><Code>{code}</Code><Message>{code} it is.</Message></Error>");
        });
        await app.StartAsync();
        return new FakeS3(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
