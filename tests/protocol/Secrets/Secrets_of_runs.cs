using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Secrets;

/// <summary>A node that logs all it can, and runs that have a secret among their arguments.</summary>
public sealed class Secrets_of_runs : IAsyncLifetime
{
    private const string Secret = "hunter2hunter2";

    private static readonly JsonObject Arguments = new()
    {
        ["--db_password"] = Secret,
        ["--conf"] = $"spark.x.secret={Secret}-of-spark --conf spark.y=public",
    };

    private ServerProcess _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await ServerProcess.Start("--Logging:LogLevel:GlueOrleans=Trace", "--Executor:StopGrace=00:00:01");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Are_shown_to_their_owner_and_nowhere_else()
    {
        var user = _server.NewAccount();
        var job = await user.AJob(
            "import sys\nraise ValueError(f'no login with {sys.argv[sys.argv.index(\"--db_password\") + 1]}')\n",
            job => job["DefaultArguments"] = new JsonObject { ["--api_key"] = Secret }
        );
        var run = await user.EndedRunOf(job, Arguments.DeepClone().AsObject());
        var stopped = await user.AJob("import time\ntime.sleep(60)\n");
        var stoppedRun = await user.StartRun(stopped, Arguments.DeepClone().AsObject());
        await user.RunIn("RUNNING", stopped, stoppedRun);
        await user.Stop(stopped, stoppedRun);
        await user.RunIn("STOPPED", stopped, stoppedRun);

        // Its owner is shown what it was given, as by Glue.
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.Equal(Secret, (string?)run["Arguments"]!["--db_password"]);
        var definition = (await user.Call("GetJob", new { JobName = job }))["Job"]!;
        Assert.Equal(Secret, (string?)definition["DefaultArguments"]!["--api_key"]);

        // What its script has said of it goes to logs and events as well.
        Assert.Equal("ValueError: no login with ***", (string?)run["ErrorMessage"]);
        var refused = await user.Try(
            "StartJobRun",
            new
            {
                JobName = job,
                Timeout = -1,
                Arguments,
            }
        );
        Assert.Equal(400, (int)refused.Status);
        Nowhere("an error", refused.ToString());

        var other = _server.NewAccount();
        Nowhere("another account's answer", (await other.Try("GetJob", new { JobName = job })).ToString());
        Nowhere("another account's answer", (await other.Call("ListJobs", new { })).ToJsonString());

        await Nowhere("/health/ready");
        await Nowhere("/metrics");
        await DashboardShowsNothing(user, job);

        await _server.Stop();
        var events = await File.ReadAllTextAsync(Path.Combine(_server.DataFolder, "events.jsonl"));
        Assert.Contains("no login with", events, StringComparison.Ordinal);
        Nowhere("an event", events);
        var log = _server.Log.ToString();
        Assert.Contains("no login with ***", log, StringComparison.Ordinal);
        Assert.Contains("dbug: GlueOrleans", log, StringComparison.Ordinal);
        Nowhere("the log", log);
    }

    [Fact]
    public async Task Are_not_the_only_thing_that_a_log_does_not_show_as_it_came()
    {
        var user = _server.NewAccount();
        const string Forged = "forged\u0085\u009b2J\u202e";
        var job = await user.AJob(
            "raise ValueError('\\x1b[2J\\x1b[31mred\\x0b')\n",
            job => job["Name"] = $"{Forged}-{Guid.NewGuid():N}"
        );
        await user.EndedRunOf(job);
        await _server.Stop();

        var log = _server.Log.ToString();
        Assert.Contains("\\u001B[2J\\u001B[31mred", log, StringComparison.Ordinal);
        Assert.Contains("forged\\u0085\\u009B2J\\u202E-", log, StringComparison.Ordinal);
        Assert.DoesNotContain(log, unit => unit != '\n' && (char.IsControl(unit) || unit == '\u202e'));
    }

    [Fact]
    public async Task In_settings_that_are_wrong_are_not_repeated()
    {
        foreach (
            var word in new[]
            {
                $"--Clustre:Database=Host=db;Password={Secret}",
                $"--Events:WebhookUrl=htp://hooks/{Secret}",
                $"--S3:ServiceUrl=ftp://me:{Secret}@host",
                $"--Telemetry:OtlpEndpoint=ftp://me:{Secret}@host",
                $"--Cluster:Database=Prot=1;Password={Secret}",
                $"--password={Secret}",
            }
        )
        {
            var ended = await Program.Node(
                _server.Folder,
                "--data",
                Path.Combine(_server.Folder, "another"),
                "--urls",
                "http://127.0.0.1:0",
                word
            );
            Assert.Equal(2, ended.ExitCode);
            Nowhere(word.Split('=')[0], ended.ToString());
        }
    }

    private async Task DashboardShowsNothing(GlueUser user, string job)
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        var counters = JsonNode.Parse(await http.GetStringAsync("/dashboard/DashboardCounters"))!;
        var silo = (string?)counters["hosts"]![0]!["siloAddress"];
        Assert.NotNull(silo);
        var grain = Uri.EscapeDataString("GlueOrleans.Grains.Jobs.JobGrain");
        foreach (
            var path in new[]
            {
                "DashboardCounters",
                "ClusterStats",
                "GrainTypes",
                "TopGrainMethods",
                "Reminders",
                "LifecycleStages",
                $"GrainStats/{grain}",
                $"HistoricalStats/{silo}",
                $"SiloProperties/{silo}",
                $"SiloMetadata/{silo}",
                $"SiloStats/{silo}",
                $"SiloCounters/{silo}",
            }
        )
        {
            await Nowhere($"/dashboard/{path}");
        }

        foreach (var path in new[] { "GrainState", "grainstate", "GrainState/" })
        {
            using var state = await http.GetAsync(
                $"/dashboard/{path}?grainId={Uri.EscapeDataString($"{user.Account}/{job}")}&grainType={grain}"
            );
            Assert.Equal(403, (int)state.StatusCode);
        }
    }

    private async Task Nowhere(string path)
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        using var answer = await http.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        Nowhere(path, await answer.Content.ReadAsStringAsync());
    }

    private static void Nowhere(string where, string text) =>
        Assert.False(text.Contains(Secret, StringComparison.Ordinal), $"{where} has the secret in it: {text}");
}
