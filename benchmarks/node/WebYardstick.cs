using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>What somebody would write who wants nothing but speed: no checks, no signatures, no state but the table.</summary>
internal static class WebYardstick
{
    /// <summary>Serves until it is told to stop. Prints one line when it answers, with its URL at the end.</summary>
    /// <param name="urls">Where.</param>
    /// <param name="database">Where a request inserts a row; <c>null</c>: it does nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<int> Serve(string urls, string? database, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add(urls);
        await using var rows = database is null ? null : await InsertedRows.Open(database, cancellation);
        if (rows is null)
            app.MapPost("/", static () => Results.Ok());
        else
            app.MapPost("/", context => Start(context, rows));
        await app.StartAsync(cancellation);
        Console.WriteLine($"GlueOrleans serves a yardstick on {app.Urls.First()}");
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    private static async Task Start(HttpContext context, InsertedRows rows)
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body);
        var id = await rows.Insert(request.RootElement.GetProperty("JobName").GetString()!);
        context.Response.ContentType = "application/x-amz-json-1.1";
        // Its length is known, as that of the node's answers is.
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["JobRunId"] = id });
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }
}
