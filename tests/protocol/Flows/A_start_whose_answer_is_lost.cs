using GlueOrleans.Tests.Protocol.Crashes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Flows;

/// <summary>
/// The server commits a run and answers, and the answer does not arrive: the SDK tries again by itself, and its caller, who
/// called once, has started one run. Glue's API has no token for that; SDKs send the id of the call (3.2, 1.1.3).
/// </summary>
public sealed class A_start_whose_answer_is_lost : IAsyncLifetime
{
    private ServerProcess _server = null!;
    private GlueUser _user = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.Start("--Executor:StopGrace=00:00:01");
        _user = _server.NewAccount();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Also where the run that it has started holds the job's only slot.</summary>
    [Theory]
    [InlineData("start_once.py", 1)]
    [InlineData("start_once.py", 10)]
    [InlineData("start_once.mjs", 1)]
    [InlineData("start_once.mjs", 10)]
    public Task Has_started_one_run(string client, int maxConcurrentRuns) =>
        StartsOnce(client, maxConcurrentRuns, _ => Task.CompletedTask);

    [Theory]
    [InlineData("start_once.py", 10)]
    [InlineData("start_once.mjs", 1)]
    public Task Has_started_one_run_although_the_node_was_killed_meanwhile(string client, int maxConcurrentRuns) =>
        StartsOnce(
            client,
            maxConcurrentRuns,
            async proxy =>
            {
                await _server.Kill();
                await _server.StartAgain();
                proxy.Server = _server.Url;
            }
        );

    private async Task StartsOnce(string client, int maxConcurrentRuns, Func<AnswerLosingProxy, Task> onLoss)
    {
        var (marks, go) = (_user.NewPath(), _user.NewPath());
        var job = await _user.AJob(
            A_run_through_a_crash.Marks(marks) + GlueUser.WaitsFor(go),
            GlueUser.Concurrently(maxConcurrentRuns)
        );
        await using var proxy = new AnswerLosingProxy(_server.Url, "StartJobRun", onLoss);
        var ended = await ClientProgram.Run(client, proxy.Url, _user.Account, job);

        // The client did try again, for the same call, or this would prove nothing.
        Assert.True(proxy.Passed.Count >= 2, $"{proxy.Passed.Count} requests; {ended}");
        Assert.NotNull(proxy.Passed[0].InvocationId);
        Assert.Single(proxy.Passed.Select(request => request.InvocationId).Distinct());

        var lost = (string?)proxy.Passed[0].Answer.Json["JobRunId"];
        var run = Assert.Single(await _user.Runs(job));
        Assert.Equal(lost, (string?)run["Id"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal(lost, ended.Output.TrimEnd());

        await File.WriteAllTextAsync(go, "");
        await _user.RunIn("SUCCEEDED", job, lost!);
        Assert.Single(await File.ReadAllLinesAsync(marks));
    }
}
