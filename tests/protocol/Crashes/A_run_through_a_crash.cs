using System.Globalization;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Crashes;

/// <summary>kill -9 of the node around one run: the run ends in the right state, once, and its script ran once.</summary>
public sealed class A_run_through_a_crash : IAsyncLifetime
{
    /// <summary>A file's time is taken from the kernel's coarse clock, some milliseconds behind.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private ServerProcess _server = null!;
    private GlueUser _user = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.Start("--Executor:StopGrace=00:00:30");
        _user = _server.NewAccount();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", "SUCCEEDED")]
    [InlineData("raise RuntimeError('after all')\n", "FAILED")]
    public async Task That_the_script_outlives_is_found_again(string end, string state)
    {
        var (marks, started, go) = (_user.NewPath(), _user.NewPath(), _user.NewPath());
        var job = await _user.AJob(Marks(marks) + GlueUser.Writes(started) + GlueUser.WaitsFor(go) + end);
        var id = await _user.StartRun(job);
        await Poll.Written(started);
        var before = await _user.RunIn("RUNNING", job, id);

        var killed = TimeProvider.System.GetUtcNow();
        await _server.Kill();
        await _server.StartAgain();
        Assert.Equal("RUNNING", GlueUser.State(await _user.Run(job, id)));
        // Its slot is still taken.
        Assert.Equal(
            "ConcurrentRunsExceededException",
            (await _user.Try("StartJobRun", new { JobName = job })).ErrorCode
        );

        await File.WriteAllTextAsync(go, "");
        var run = await _user.RunIn(state, job, id);
        Assert.Equal((double)before["StartedOn"]!, (double)run["StartedOn"]!);
        AssertPlausibleExecutionTime(run, killed);
        Assert.Single(await File.ReadAllLinesAsync(marks));
        Assert.Equal(id, (string?)Assert.Single(await _user.Runs(job))["Id"]);
        // And is free again.
        await _user.EndedRunOf(job);
    }

    [Theory]
    [InlineData("", "SUCCEEDED", null)]
    [InlineData("raise RuntimeError('while nobody looked')\n", "FAILED", "RuntimeError: while nobody looked")]
    public async Task That_ends_while_no_node_lives_is_told_of_afterwards(string end, string state, string? message)
    {
        var (marks, started, go) = (_user.NewPath(), _user.NewPath(), _user.NewPath());
        var job = await _user.AJob(Marks(marks) + GlueUser.Writes(started) + GlueUser.WaitsFor(go) + end);
        var id = await _user.StartRun(job);
        await Poll.Written(started);
        var supervisor = RecordedProcess.Supervisor(_server.RunFolder(id))!;

        var killed = TimeProvider.System.GetUtcNow();
        await _server.Kill();
        var released = TimeProvider.System.GetUtcNow();
        await File.WriteAllTextAsync(go, "");
        await Poll.Until(() => !supervisor.IsAlive, $"the supervisor of {id} has recorded the exit and ended");
        var gone = TimeProvider.System.GetUtcNow();

        await _server.StartAgain();
        var run = await _user.RunIn(state, job, id);
        Assert.Equal(message, (string?)run["ErrorMessage"]);
        Assert.InRange(GlueUser.Time(run, "CompletedOn"), released - Tick, gone + Tick);
        AssertPlausibleExecutionTime(run, killed);
        Assert.Single(await File.ReadAllLinesAsync(marks));
    }

    [Fact]
    public async Task That_was_to_be_stopped_is_stopped_afterwards()
    {
        var started = _user.NewPath();
        var job = await _user.AJob(
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                + GlueUser.Writes(started)
                + "while True: time.sleep(1)\n"
        );
        var id = await _user.StartRun(job);
        await Poll.Written(started);
        await _user.Stop(job, id);
        Assert.Equal("STOPPING", GlueUser.State(await _user.Run(job, id)));
        var script = RecordedProcess.Script(_server.RunFolder(id))!;

        await _server.Kill();
        Assert.True(script.IsAlive);
        await _server.StartAgain("--Executor:StopGrace=00:00:01");
        await _user.RunIn("STOPPED", job, id);
        Assert.False(script.IsAlive);
    }

    /// <summary>Python statements that leave one line for each time they are run.</summary>
    internal static string Marks(string file) =>
        $"import os\nwith open('{file}', 'a') as marks: marks.write(f'{{os.getpid()}}\\n')\n";

    /// <param name="run">Ended.</param>
    /// <param name="running">When its script was already running, however long the node had taken to start it.</param>
    private static void AssertPlausibleExecutionTime(System.Text.Json.Nodes.JsonObject run, DateTimeOffset running)
    {
        var (from, to) = (GlueUser.Time(run, "StartedOn"), GlueUser.Time(run, "CompletedOn"));
        var execution = (int)run["ExecutionTime"]!;
        Assert.True(
            execution <= (to - from).TotalSeconds && execution >= Math.Floor((to - running - Tick).TotalSeconds),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{execution} s from {from:O} to {to:O}, its script running at {running:O}"
            )
        );
    }
}
