using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>The samples, as their job.json says, run and end as their README says.</summary>
public sealed class SampleTests : ExecutorTest
{
    [Fact]
    public async Task The_sales_report_is_written_and_bad_rows_are_counted()
    {
        var run = ASample("sales-report");

        var exit = await Exit(run);

        Assert.Equal((0, null), (exit.ExitCode, exit.ErrorMessage));
        Assert.Contains("[12/12] 2025-12.csv: 416 rows, 3 skipped", Output(run));
        var output = Path.Combine(Folder, "output", "sales-report");
        using var summary = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(output, "summary.json")));
        Assert.Equal(
            43,
            summary.RootElement.GetProperty("skipped_rows").EnumerateObject().Sum(p => p.Value.GetInt32())
        );
        Assert.Equal(360, (await File.ReadAllLinesAsync(Path.Combine(output, "report.csv"))).Length);
    }

    [Fact]
    public async Task The_failing_job_says_which_record_is_malformed()
    {
        var exit = await Exit(ASample("failing"));

        Assert.Equal("ValueError: line 5, order A-1004: quantity 'seven' is not a number", exit.ErrorMessage);
    }

    [Fact]
    public async Task The_long_running_job_cleans_up_when_it_is_stopped()
    {
        Options.StopGrace = TimeSpan.FromSeconds(30);
        var run = ASample("long-running");
        var executor = AnExecutor();
        await executor.Launch(run);
        var log = executor.Logs(run.Id).StandardOutput;
        await Until(() => File.Exists(log) && Output(run).Contains("step 1 "), "the first step's line is in the log");

        await executor.Stop(run);

        Assert.Equal(143, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        Assert.Contains("Stopped by SIGTERM after cleaning up.\nRemoved ", Output(run));
    }

    private RunRecord ASample(string name)
    {
        var samples = Path.Combine(Checkout(), "samples");
        var text = File.ReadAllText(Path.Combine(samples, name, "job.json"))
            .Replace("{samples}", samples)
            .Replace("{output}", Path.Combine(Folder, "output"));
        var job = JsonNode.Parse(text)!;
        return ARunAt(
            (string)job["Command"]!["ScriptLocation"]!,
            settings =>
                settings with
                {
                    Command = settings.Command with { Name = (string)job["Command"]!["Name"]! },
                    ScriptArguments = job["DefaultArguments"].Deserialize<Dictionary<string, string>>()!,
                }
        );
    }

    internal static string Checkout()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "GlueOrleans.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not run in a checkout.");
        return folder;
    }
}
