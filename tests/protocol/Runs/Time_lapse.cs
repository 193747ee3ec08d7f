using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Runs;

/// <summary>A node whose clock runs ten minutes a second.</summary>
public sealed class Time_lapse : IAsyncLifetime
{
    private const int Speed = 600;
    private static readonly string Fast = $"--Clock:Speed={Speed}";

    private readonly long _start = TimeProvider.System.GetTimestamp();
    private ServerProcess _server = null!;
    private GlueUser _user = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.Start(Fast, "--Executor:StopGrace=00:00:30");
        _user = _server.NewAccount();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_timeout_of_minutes_is_over_in_seconds()
    {
        // 0.5 s of the 30 s that the script has: the grace period is the wall's. And ten seconds of the wall's from its launch until
        // it is told to stop: Python has begun by then.
        var cleaned = _user.NewPath();
        var job = await _user.AJob(
            "import signal, sys, time\n"
                + $"def stop(*_):\n  time.sleep(0.5)\n  open('{cleaned}', 'w').close()\n  sys.exit(0)\n"
                + "signal.signal(signal.SIGTERM, stop)\ntime.sleep(300)\n",
            TimingOutAfter(minutes: 100)
        );

        var run = await _user.RunIn("TIMEOUT", job, await _user.StartRun(job));

        // Not before its time, and no later than that the clock of this test would have it.
        Assert.InRange((int)run["ExecutionTime"]!, 100 * 60, (int)MostOnTheNodesClock().TotalSeconds);
        Assert.Equal("Job run timed out after 100 minutes", (string?)run["ErrorMessage"]);
        Assert.InRange(
            GlueUser.Time(run, "CompletedOn") - GlueUser.Time(run, "StartedOn"),
            TimeSpan.FromMinutes(100),
            MostOnTheNodesClock()
        );
        Assert.True(File.Exists(cleaned));
    }

    [Fact]
    public async Task A_short_script_has_the_time_to_start_and_to_succeed()
    {
        var job = await _user.AJob("print('done')\n");

        var run = await _user.EndedRunOf(job);

        Assert.True(GlueUser.State(run) == "SUCCEEDED", $"{run.ToJsonString()}\n{_server.Log}");
        Assert.InRange((int)run["ExecutionTime"]!, 0, (int)MostOnTheNodesClock().TotalSeconds);
    }

    [Fact]
    public async Task Time_goes_on_over_restarts_and_never_back()
    {
        await Says("600 times as fast as the wall's");
        var (started, ended) = (_user.NewPath(), _user.NewPath());
        var job = await _user.AJob(
            GlueUser.Writes(started) + "import time\ntime.sleep(1)\n" + GlueUser.Writes(ended),
            GlueUser.Concurrently(3)
        );
        var id = await _user.StartRun(job);
        await Poll.Written(started);
        await _server.Kill();
        await Poll.Written(ended);

        await _server.StartAgain(Fast);
        var overCrash = await _user.RunIn("SUCCEEDED", job, id);
        // It slept for a second, whoever was up to see it.
        Assert.InRange((int)overCrash["ExecutionTime"]!, Speed - 60, (int)MostOnTheNodesClock().TotalSeconds);

        Assert.Equal(0, await _server.Stop());
        await _server.StartAgain();
        await Says("as fast as the wall's; it is 2");
        var slow = await _user.EndedRunOf(job);
        Assert.True(GlueUser.State(slow) == "SUCCEEDED", slow.ToJsonString());
        Assert.True(GlueUser.Time(slow, "StartedOn") > GlueUser.Time(overCrash, "CompletedOn"));
        Assert.InRange((int)slow["ExecutionTime"]!, 0, (int)Poll.Patience.TotalSeconds);
    }

    private static Action<JsonObject> TimingOutAfter(int minutes) => job => job["Timeout"] = minutes;

    private Task Says(string text) =>
        Poll.Until(
            () => _server.Log.ToString().Contains(text, StringComparison.Ordinal),
            $"the node says '{text}'",
            _server.Log.ToString
        );

    /// <summary>What can have passed on the node's clock since this test began.</summary>
    private TimeSpan MostOnTheNodesClock() => TimeProvider.System.GetElapsedTime(_start) * Speed;
}
