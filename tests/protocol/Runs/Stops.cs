using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Runs;

public sealed class Stops(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task A_run_is_STOPPING_while_its_script_cleans_up_and_then_STOPPED()
    {
        var (started, cleaned) = (_user.NewPath(), _user.NewPath());
        // Of the second that a script has here, this takes half.
        var job = await _user.AJob(
            "import signal, sys, time\n"
                + $"def stop(*_):\n  time.sleep(0.5)\n  open('{cleaned}', 'w').close()\n  sys.exit(0)\n"
                + "signal.signal(signal.SIGTERM, stop)\n"
                + GlueUser.Writes(started)
                + "time.sleep(60)\n"
        );
        var id = await _user.StartRun(job);
        await Poll.Written(started);

        var answer = await _user.Stop(job, id);
        Assert.Equal(id, (string?)Assert.Single(answer["SuccessfulSubmissions"]!.AsArray())!["JobRunId"]);
        Assert.Empty(answer["Errors"]!.AsArray());
        var stopping = await _user.Run(job, id);
        Assert.Equal("STOPPING", GlueUser.State(stopping));
        Assert.False(stopping.ContainsKey("CompletedOn"));

        var stopped = await _user.RunIn("STOPPED", job, id);
        Assert.True(File.Exists(cleaned));
        // Prefect reads it without looking whether it is there.
        Assert.NotEmpty((string)stopped["ErrorMessage"]!);
    }

    [Fact]
    public async Task A_script_that_ignores_SIGTERM_is_killed_after_the_grace_period()
    {
        var started = _user.NewPath();
        var job = await _user.AJob(
            "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                + "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
                + GlueUser.Writes(started)
                + "while True: time.sleep(1)\n"
        );
        var id = await _user.StartRun(job);
        await Poll.Written(started);
        var script = RecordedProcess.Script(_user.Server.RunFolder(id))!;

        await _user.Stop(job, id);
        await _user.RunIn("STOPPED", job, id);
        Assert.False(script.IsAlive);
    }

    [Fact]
    public async Task Each_id_of_a_batch_is_answered()
    {
        var job = await _user.AJob("import time\ntime.sleep(60)\n", GlueUser.Concurrently(2));
        var ended = (string)(await _user.EndedRunOf(await _user.AJob("")))["Id"]!;
        var endedHere = await _user.StartRun(job);
        await _user.Stop(job, endedHere);
        await _user.RunIn("STOPPED", job, endedHere);
        var running = await _user.StartRun(job);

        var answer = await _user.Stop(job, running, "jr_unknown", endedHere, ended, running);
        Assert.Equal(
            [running, running],
            answer["SuccessfulSubmissions"]!.AsArray().Select(entry => (string?)entry!["JobRunId"])
        );
        Assert.Equal(
            [
                ("jr_unknown", "EntityNotFoundException"),
                (endedHere, "JobRunInTerminalStateException"),
                (ended, "EntityNotFoundException"), // a run of another job
            ],
            answer["Errors"]!.AsArray().Select(e => ((string?)e!["JobRunId"], (string?)e["ErrorDetail"]!["ErrorCode"]))
        );
        await _user.RunIn("STOPPED", job, running);
    }

    [Fact]
    public async Task An_unknown_job_is_an_error_of_each_id_and_not_of_the_request()
    {
        var answer = await _user.Stop("none", "jr_1", "jr_2");
        Assert.Empty(answer["SuccessfulSubmissions"]!.AsArray());
        Assert.Equal(2, answer["Errors"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_run_that_was_stopped_at_once_is_STOPPED_and_its_slot_free()
    {
        var job = await _user.AJob("import time\ntime.sleep(60)\n");
        for (var round = 0; round < 3; round++)
        {
            var id = await _user.StartRun(job);
            await _user.Stop(job, id);
            await _user.RunIn("STOPPED", job, id);
        }
    }
}
