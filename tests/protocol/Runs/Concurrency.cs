using System.Net;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Runs;

public sealed class Concurrency(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task A_run_over_the_limit_is_refused_and_leaves_no_trace()
    {
        var go = _user.NewPath();
        var job = await _user.AJob(GlueUser.WaitsFor(go), GlueUser.Concurrently(2));
        string[] admitted = [await _user.StartRun(job), await _user.StartRun(job)];

        var refused = await _user.Try("StartJobRun", new { JobName = job });
        AssertError(refused, "ConcurrentRunsExceededException", job);
        Assert.Equal(admitted.Reverse(), (await _user.Runs(job)).Select(run => (string?)run["Id"]));

        await File.WriteAllTextAsync(go, "");
        foreach (var id in admitted)
            await _user.RunIn("SUCCEEDED", job, id);
    }

    [Fact]
    public async Task A_slot_is_free_the_moment_its_run_reads_terminal()
    {
        var job = await _user.AJob("");
        for (var round = 0; round < 5; round++)
            Assert.Equal("SUCCEEDED", GlueUser.State(await _user.EndedRunOf(job)));
    }

    [Fact]
    public async Task Of_many_starts_at_once_as_many_as_there_are_slots_are_admitted()
    {
        var go = _user.NewPath();
        var job = await _user.AJob(GlueUser.WaitsFor(go), GlueUser.Concurrently(3));
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => _user.Try("StartJobRun", new { JobName = job }))
        );
        await File.WriteAllTextAsync(go, "");

        var admitted = answers.Where(answer => answer.Status == HttpStatusCode.OK).ToList();
        Assert.Equal(3, admitted.Count);
        Assert.All(
            answers.Except(admitted),
            answer => Assert.Equal("ConcurrentRunsExceededException", answer.ErrorCode)
        );
        foreach (var answer in admitted)
            await _user.RunIn("SUCCEEDED", job, (string)answer.Json["JobRunId"]!);
    }
}
