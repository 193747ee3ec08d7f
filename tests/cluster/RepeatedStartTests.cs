using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class RepeatedStartTests() : RepeatedStarts(saysItIsTheFirst: false);

/// <summary>A client, or something between it and the gateway, that repeats a call and does not know that it does.</summary>
public sealed class UnknowinglyRepeatedStartTests() : RepeatedStarts(saysItIsTheFirst: true);

/// <summary>A client that repeats a call of StartJobRun gets the run that the call has started.</summary>
public abstract class RepeatedStarts(bool saysItIsTheFirst) : GlueCluster(silos: 2)
{
    private StartRun Call { get; } = new() { InvocationId = "0a1b", IsFirstTry = saysItIsTheFirst };

    [Fact]
    public async Task The_same_call_is_the_same_run_of_its_job_only()
    {
        await CreateJob(maxConcurrentRuns: 5);
        await CreateJob("other", Shell);
        var runId = await Start(JobName, Call);

        Assert.Equal(runId, await Start(JobName, Call));
        Assert.NotEqual(runId, await Start("other", Call));
        Assert.NotEqual(runId, await Start(JobName, Call with { InvocationId = "0a1c" }));
        Assert.Equal(2, (await Job.ListRuns(null, 10)).Value!.Count);
    }

    [Fact]
    public async Task Also_at_the_limit_after_its_end_and_when_its_job_is_deleted()
    {
        await CreateJob(maxConcurrentRuns: 1);
        var runId = await Start(JobName, Call);
        Assert.Equal(runId, await Start(JobName, Call));

        await Exited(runId);
        Assert.Equal(runId, await Start(JobName, Call));
        await Job.Delete();
        Assert.Equal(runId, await Start(JobName, Call));
    }

    [Fact]
    public async Task Also_at_the_same_time()
    {
        await CreateJob(maxConcurrentRuns: 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Start(JobName, Call)));

        Assert.Single(answers.Distinct());
        Assert.Single((await Job.ListRuns(null, 10)).Value!);
    }

    [Theory]
    [InlineData((int)Fault.BeforeWriting, false)]
    [InlineData((int)Fault.AfterWriting, false)]
    [InlineData((int)Fault.BeforeWriting, true)]
    [InlineData((int)Fault.AfterWriting, true)]
    public async Task Also_when_the_first_answer_was_lost(int fault, bool waits)
    {
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = true });
        if (waits)
            await Start();
        Store.FailNextCreate((Fault)fault);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.StartRun(Call));

        var runId = await Start(JobName, Call);

        Assert.Equal(waits ? JobRunState.Waiting : JobRunState.Starting, (await Row(runId))!.State);
        Assert.Equal(waits ? 2 : 1, (await Job.ListRuns(null, 10)).Value!.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Also_after_the_death_of_everything(bool waits)
    {
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = true });
        var first = waits ? await Start() : null;
        var runId = await Start(JobName, Call);
        await KillAll();

        Assert.Equal(runId, await Start(JobName, Call));

        Assert.Equal(waits ? JobRunState.Waiting : JobRunState.Starting, (await Row(runId))!.State);
        if (first is not null)
        {
            await Exited(first);
            await Reaches(runId, JobRunState.Starting);
        }
    }

    [Fact]
    public async Task A_call_repeated_while_its_run_leaves_the_queue_gives_no_slot_away()
    {
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = true });
        var first = await Start();
        var waits = await Start(JobName, Call);
        Store.Pause = async () => await Task.Yield();

        await Task.WhenAll([Exited(first), .. Enumerable.Range(0, 10).Select(_ => Start(JobName, Call))]);
        await Reaches(waits, JobRunState.Starting);

        Assert.Equal(JobRunState.Waiting, (await Row(await Start()))!.State);
    }
}
