using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Grains;
using Spectre.Console;

namespace GlueOrleans.Silo.Demo;

/// <summary>Starts a node, runs one sample through the node's own HTTP API, and shows what happens as it happens.</summary>
internal static class DemoCommand
{
    public const string DefaultData = "glue-demo";

    /// <summary>The first is the default.</summary>
    public static readonly IReadOnlyList<string> SampleNames =
    [
        "sales-report",
        "failing",
        "long-running",
        "ingest-new-files",
    ];

    private static readonly JsonSerializerOptions ForPeople = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <returns>0 when the run succeeded, else 1.</returns>
    public static async Task<int> Run(string sample, NodeOptions options, CancellationToken cancellation)
    {
        // Lines as long as they are: what is cut in two cannot be copied. And no log among them but what goes wrong.
        AnsiConsole.Profile.Width = int.MaxValue / 2;
        options = options with { Settings = ["--Logging:LogLevel:GlueOrleans=Warning", .. options.Settings] };
        await using var node = await Node.Start(options, DefaultData, "http://127.0.0.1:0", mustBeAlone: true);
        AnsiConsole.MarkupLineInterpolated($"[grey]node[/]   listening on {node.Url}, data in {node.DataPath}");

        if (node.Clock is { } ahead)
            AnsiConsole.MarkupLineInterpolated($"[grey]clock[/]  {ahead}");

        using var http = new HttpClient { BaseAddress = new Uri(node.Url) };
        var glue = new GlueClient(http);
        var output = Path.Combine(node.DataPath!, "output");
        foreach (var name in SampleNames)
            await CreateOrUpdate(glue, name, output);
        AnsiConsole.MarkupLineInterpolated($"[grey]jobs[/]   created or updated: {string.Join(", ", SampleNames)}");

        var started = await glue.Call("StartJobRun", StartRequest(sample), cancellation);
        var runId = (string)started["JobRunId"]!;
        AnsiConsole.MarkupLineInterpolated($"[grey]start[/]  {sample} as {runId}");
        AnsiConsole.WriteLine();

        var clock = node.Services.GetRequiredService<IWallClock>().Time;
        var watcher = new RunWatcher(glue, clock, Path.Combine(node.RunsPath!, runId));
        var run = await Watch(glue, watcher, sample, runId, cancellation);
        return Report(sample, run, Path.Combine(output, sample), node);
    }

    /// <remarks>Ctrl-C stops the run before it ends the demo: what a person would expect of the run they started.</remarks>
    private static async Task<JsonObject> Watch(
        GlueClient glue,
        RunWatcher watcher,
        string sample,
        string runId,
        CancellationToken cancellation
    )
    {
        try
        {
            return await watcher.UntilEnded(sample, runId, cancellation);
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.WriteLine();
            AnsiConsole.MarkupLine("[yellow]Interrupted:[/] stopping the run first.");
            await glue.Call(
                "BatchStopJobRun",
                new JsonObject { ["JobName"] = sample, ["JobRunIds"] = new JsonArray(runId) },
                CancellationToken.None
            );
            return await watcher.UntilEnded(sample, runId, CancellationToken.None);
        }
    }

    private static int Report(string sample, JsonObject run, string output, Node node)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine("The run as GetJobRun shows it:");
        Console.WriteLine(run.ToJsonString(ForPeople));
        AnsiConsole.WriteLine();

        var succeeded = (string?)run["JobRunState"] == "SUCCEEDED";
        if (succeeded && Directory.Exists(output))
            Console.WriteLine($"Results: {string.Join(", ", Directory.EnumerateFiles(output).Order())}");
        if (!succeeded)
            AnsiConsole.MarkupLineInterpolated($"[red]{sample} did not succeed:[/] {(string?)run["ErrorMessage"]}");
        Console.WriteLine("To look around in this node's jobs and runs, serve its data:");
        Console.WriteLine($"  dotnet run --project silo -- --data {node.DataPath}");
        return succeeded ? 0 : 1;
    }

    /// <remarks>A job of an earlier demo on this data folder is brought up to date.</remarks>
    private static async Task CreateOrUpdate(GlueClient glue, string name, string output)
    {
        var job = await Definition(name, output);
        try
        {
            await glue.Call("CreateJob", job);
        }
        catch (GlueErrorException e) when (e.Code is "AlreadyExistsException" or "IdempotentParameterMismatchException")
        {
            job.Remove("Name");
            await glue.Call("UpdateJob", new JsonObject { ["JobName"] = name, ["JobUpdate"] = job });
        }
    }

    /// <summary>The sample's CreateJob request, with the folders filled in that it cannot know.</summary>
    private static async Task<JsonObject> Definition(string name, string output)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Samples.Folder, name, "job.json"));
        return JsonNode
            .Parse(text.Replace("{samples}", InJson(Samples.Folder)).Replace("{output}", InJson(output)))!
            .AsObject();
    }

    private static string InJson(string text) => JsonEncodedText.Encode(text).ToString();

    /// <remarks>The work of the sales report takes a blink; the pauses make it slow enough to watch.</remarks>
    private static JsonObject StartRequest(string sample) =>
        sample == "sales-report"
            ? new JsonObject
            {
                ["JobName"] = sample,
                ["Arguments"] = new JsonObject { ["--pause_seconds"] = "0.2" },
            }
            : new JsonObject { ["JobName"] = sample };
}
