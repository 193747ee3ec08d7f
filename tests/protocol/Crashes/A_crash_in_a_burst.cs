using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Crashes;

public sealed class A_crash_in_a_burst : IAsyncLifetime
{
    private const int Clients = 4;
    private const int AnswersBeforeTheCrash = 24;

    private ServerProcess _server = null!;

    public async ValueTask InitializeAsync() => _server = await ServerProcess.Start();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Loses_no_run_that_was_answered_and_runs_none_twice()
    {
        var user = _server.NewAccount();
        var marks = Directory.CreateDirectory(user.NewPath()).FullName;
        // As a Spark job, because those are told their run id; each execution of the script leaves a file of its own.
        var job = await user.AJob(
            "import os, sys\nfrom awsglue.utils import getResolvedOptions\n"
                + "id = getResolvedOptions(sys.argv, [])['JOB_RUN_ID']\n"
                + $"open(os.path.join('{marks}', f'{{id}}.{{os.getpid()}}'), 'x').close()\n",
            job =>
            {
                job["Command"]!["Name"] = "glueetl";
                GlueUser.Concurrently(1000)(job);
            }
        );

        var answered = new ConcurrentQueue<string>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, Clients).Select(_ => StartRunsUntilTheCrash()).ToList();
        await enough.Task.WaitAsync(Poll.Patience);
        await _server.Kill();
        await Task.WhenAll(clients);

        await _server.StartAgain();
        var listed = (await user.Runs(job)).Select(run => (string)run["Id"]!).ToList();
        Assert.Empty(answered.Except(listed));
        Assert.Equal(listed.Distinct(), listed);
        // Besides, a run or two may have been committed whose answer the crash cut off.
        Assert.InRange(listed.Count, answered.Count, answered.Count + Clients);
        foreach (var id in listed)
            await user.RunIn("SUCCEEDED", job, id);
        Assert.Equal(
            listed.Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(marks).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)
        );

        async Task StartRunsUntilTheCrash()
        {
            try
            {
                while (true)
                {
                    var answer = await user.Try("StartJobRun", new { JobName = job });
                    Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
                    answered.Enqueue((string)answer.Json["JobRunId"]!);
                    if (answered.Count >= AnswersBeforeTheCrash)
                        enough.TrySetResult();
                }
            }
            catch (HttpRequestException)
            {
                // The crash.
            }
        }
    }

    [Fact]
    public async Task Loses_no_job_that_was_answered()
    {
        var user = _server.NewAccount();
        List<string> created = [];
        for (var job = 0; job < 10; job++)
            created.Add(await user.AJob("", with => with["Description"] = $"job {job}"));
        await user.Call("DeleteJob", new { JobName = created[0] });
        var update = new { Role = "updated", Command = new { Name = "pythonshell", ScriptLocation = "/new.py" } };
        await user.Call("UpdateJob", new { JobName = created[1], JobUpdate = update });
        var before = await Jobs();

        await _server.Kill();
        await _server.StartAgain();

        Assert.Equal(before, await Jobs());
        var listed = (await user.Call("ListJobs", new { }))["JobNames"]!.AsArray().Select(name => (string)name!);
        Assert.Equal(created.Skip(1).Order(StringComparer.Ordinal), listed);
        Assert.Equal("SUCCEEDED", GlueUser.State(await user.EndedRunOf(created[2])));

        async Task<string> Jobs() => (await user.Call("GetJobs", new JsonObject())).ToJsonString();
    }
}
