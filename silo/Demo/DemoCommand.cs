using System.Text.Json.Nodes;
using Spectre.Console;

namespace GlueOrleans.Silo.Demo;

/// <summary>Starts a node, runs one sample through the node's own HTTP API, and shows what happens as it happens.</summary>
internal static class DemoCommand
{
    public const string DefaultData = "glue-demo";

    /// <summary>The first is the default.</summary>
    public static readonly IReadOnlyList<string> SampleNames = ["sales-report", "failing", "long-running"];

    /// <returns>0 when the run succeeded, else 1.</returns>
    public static async Task<int> Run(string sample, NodeOptions options, CancellationToken cancellation)
    {
        await using var node = await Node.Start(options, DefaultData, "http://127.0.0.1:0");
        AnsiConsole.MarkupLineInterpolated($"[grey]node[/]   listening on {node.Url}, data in {node.DataPath}");

        using var http = new HttpClient { BaseAddress = new Uri(node.Url) };
        var glue = new GlueClient(http);
        foreach (var name in SampleNames)
            await CreateOrUpdate(glue, name);
        AnsiConsole.MarkupLineInterpolated($"[grey]jobs[/]   created {string.Join(", ", SampleNames)}");

        var output = Path.Combine(node.DataPath, "output", sample);
        var started = await glue.Call("StartJobRun", StartRequest(sample, output), cancellation);
        var runId = (string)started["JobRunId"]!;
        AnsiConsole.MarkupLineInterpolated($"[grey]start[/]  {sample} as {runId}");
        AnsiConsole.WriteLine();

        var clock = node.Services.GetRequiredService<TimeProvider>();
        var watcher = new RunWatcher(glue, clock, Path.Combine(node.RunsPath, runId));
        var run = await Watch(glue, watcher, sample, runId, cancellation);
        return Report(sample, run, output, node);
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
            AnsiConsole.MarkupLine("[yellow]Ctrl-C[/] stopping the run");
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
        Console.WriteLine(run.ToJsonString(new() { WriteIndented = true }));
        AnsiConsole.WriteLine();

        var succeeded = (string?)run["JobRunState"] == "SUCCEEDED";
        if (succeeded && Directory.Exists(output))
            Console.WriteLine($"Results: {string.Join(", ", Directory.EnumerateFiles(output).Order())}");
        if (!succeeded)
            AnsiConsole.MarkupLineInterpolated($"[red]{sample} did not succeed:[/] {(string?)run["ErrorMessage"]}");
        Console.WriteLine($"To look around in this node's jobs and runs, serve its data: --data {node.DataPath}");
        return succeeded ? 0 : 1;
    }

    private static async Task CreateOrUpdate(GlueClient glue, string name)
    {
        var folder = Path.Combine(Samples.Folder, name);
        var job = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "job.json")))!.AsObject();
        var command = job["Command"]!.AsObject();
        command["ScriptLocation"] = Path.Combine(folder, (string)command["ScriptLocation"]!);
        try
        {
            await glue.Call("CreateJob", job);
        }
        catch (GlueErrorException e) when (e.Code is "AlreadyExistsException" or "IdempotentParameterMismatchException")
        {
            job.Remove("Name");
            job.Remove("Tags");
            await glue.Call("UpdateJob", new JsonObject { ["JobName"] = name, ["JobUpdate"] = job });
        }
    }

    private static JsonObject StartRequest(string sample, string output)
    {
        var request = new JsonObject { ["JobName"] = sample };
        if (sample == "sales-report")
        {
            request["Arguments"] = new JsonObject
            {
                ["--input_dir"] = Path.Combine(Samples.Folder, sample, "input"),
                ["--output_dir"] = output,
                // The work itself takes a blink; this makes it slow enough to watch.
                ["--pause_seconds"] = "0.2",
            };
        }

        return request;
    }
}
