using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace GlueOrleans.Silo.Demo;

/// <summary>Polls a run as any client would, and prints each state it comes to and each line its script writes.</summary>
internal sealed class RunWatcher(GlueClient glue, TimeProvider clock, string runFolder)
{
    /// <summary>Often enough that a person sees no delay.</summary>
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(100);

    private readonly long _startedAt = clock.GetTimestamp();
    private readonly LogTail _stdout = new(Path.Combine(runFolder, "stdout.log"));
    private readonly LogTail _stderr = new(Path.Combine(runFolder, "stderr.log"));
    private string? _state;

    /// <summary>The JobRun, once it has ended.</summary>
    public async Task<JsonObject> UntilEnded(string jobName, string runId, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(PollPeriod, clock);
        while (true)
        {
            var answer = await glue.Call(
                "GetJobRun",
                new JsonObject { ["JobName"] = jobName, ["RunId"] = runId },
                cancellation
            );
            var run = answer["JobRun"]!.AsObject();
            var state = (string)run["JobRunState"]!;
            var ended = run.ContainsKey("CompletedOn");
            if (!ended)
                PrintState(state);
            PrintLog(_stdout, "grey");
            PrintLog(_stderr, "red");
            if (ended)
            {
                PrintState(state);
                return run;
            }

            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private void PrintState(string state)
    {
        if (state == _state)
            return;
        _state = state;
        var colour = state switch
        {
            "SUCCEEDED" => "green",
            "FAILED" or "TIMEOUT" or "ERROR" => "red",
            "STOPPING" or "STOPPED" or "EXPIRED" => "yellow",
            _ => "blue",
        };
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{Elapsed()} [bold {colour}]{state}[/]");
    }

    private void PrintLog(LogTail log, string colour)
    {
        foreach (var line in log.NewLines())
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{Elapsed()}   [{colour}]{line}[/]");
    }

    private string Elapsed() =>
        clock.GetElapsedTime(_startedAt).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture).PadLeft(6) + "s";
}
