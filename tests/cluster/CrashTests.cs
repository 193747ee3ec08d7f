using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class CrashTests() : GlueCluster(silos: 2)
{
    [Fact]
    public async Task A_create_that_fails_without_being_written_leaves_no_run_and_no_slot_taken()
    {
        await CreateJob(maxConcurrentRuns: 1);
        Store.FailNextCreate(Fault.BeforeWriting);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.StartRun(new StartRun()));

        Assert.False((await Job.StartRun(new StartRun())).IsRefused);
        Assert.Single((await Job.ListRuns(null, 10)).Value!);
    }

    [Fact]
    public async Task A_create_whose_row_cannot_be_written_takes_no_slot()
    {
        await CreateJob(maxConcurrentRuns: 1);
        Store.FailNextCreate(Fault.OfTheRow);

        await Assert.ThrowsAsync<ArgumentException>(() => Job.StartRun(new StartRun()));

        Assert.False((await Job.StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task A_create_that_was_written_although_it_seemed_to_fail_is_launched_and_holds_its_slot()
    {
        await CreateJob(maxConcurrentRuns: 1);
        Store.FailNextCreate(Fault.AfterWriting);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.StartRun(new StartRun()));

        var run = await Executor.Next(Asked.Launch);
        Assert.Equal(run.Id, (await Job.ListRuns(null, 10)).Value!.Single().Id);
        Assert.True((await Job.StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task A_run_that_was_asked_for_before_its_row_was_there_is_taken_up_when_it_is()
    {
        await CreateJob(maxConcurrentRuns: 2);
        var run = await Read(await Start());
        await Executor.Next(Asked.Launch);
        var late = run with { Id = RunId.New(), Ordinal = 2, Version = 1 };
        await Run(late.Id).Wake();

        await Store.TryCreate(late, await Store.ClaimEpoch(run.Job));
        await Run(late.Id).Wake();

        Assert.Equal(late.Id, (await Executor.Next(Asked.Launch)).Id);
    }

    [Theory]
    [InlineData((int)Fault.BeforeWriting)]
    [InlineData((int)Fault.AfterWriting)]
    public async Task A_report_that_could_not_be_stored_is_delivered_again_and_counts_once(int fault)
    {
        await CreateJob();
        var runId = await StartRunning();
        Store.FailNextSave((Fault)fault);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Exited(runId));
        await Exited(runId);

        var run = await Read(runId);
        Assert.Equal(JobRunState.Succeeded, run.State);
        Assert.Equal(3, run.Version);
    }

    [Theory]
    [InlineData((int)Fault.BeforeWriting)]
    [InlineData((int)Fault.AfterWriting)]
    public async Task A_stop_whose_answer_was_lost_still_reaches_the_process(int fault)
    {
        await CreateJob();
        var runId = await StartRunning();
        Store.FailNextSave((Fault)fault);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.StopRuns([runId]));
        Assert.Equal(StopRunResult.Submitted, (await Job.StopRuns([runId])).Single().Result);

        Assert.Equal(runId, (await Executor.Next(Asked.Stop)).Id);
        await StoppedByExecutor(runId);
        Assert.Equal(JobRunState.Stopped, (await Read(runId)).State);
    }

    /// <summary>Nobody calls again here: the run itself finds out what became of its write.</summary>
    [Theory]
    [InlineData((int)Fault.BeforeWriting)]
    [InlineData((int)Fault.AfterWriting)]
    public async Task A_timeout_whose_answer_was_lost_still_reaches_the_process(int fault)
    {
        await CreateJob(timeout: 5);
        var runId = await StartRunning();
        Store.FailNextSave((Fault)fault);

        Clock.Advance(TimeSpan.FromMinutes(5));
        await Store.Failed();
        // Well before the deadline of STOPPING, at which the sweep would look.
        for (var second = 0; second < 60 && Executor.All[^1].Asked != Asked.Stop; second++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Run(runId).Wake();
        }

        Assert.Equal(Asked.Stop, Executor.All[^1].Asked);

        Assert.Equal(JobRunState.Timeout, (await Read(runId)).EndsAs);
    }

    [Fact]
    public async Task A_row_changed_behind_the_grains_back_is_read_again_before_anything_is_decided()
    {
        await CreateJob();
        var runId = await StartRunning();
        var run = await Read(runId);
        await Store.SaveIfUnchanged(
            run with
            {
                Version = run.Version + 1,
                State = JobRunState.Stopped,
                CompletedOn = Now,
                DueAt = null,
            },
            run.Version
        );

        await Exited(runId);

        Assert.Equal(JobRunState.Stopped, (await Read(runId)).State);
    }

    /// <summary>What a second activation of the job's grain would do, which Orleans may create for a moment.</summary>
    [Fact]
    public async Task A_second_activation_that_admits_runs_is_noticed_before_the_limit_is_exceeded()
    {
        await CreateJob(maxConcurrentRuns: 3);
        var first = await Read(await Start());

        var epoch = await Store.ClaimEpoch(first.Job);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(Next(first, 2), epoch));
        Assert.Equal(CreateResult.Created, await Store.TryCreate(Next(first, 3), epoch));

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Job.StartRun(new StartRun())));

        Assert.All(answers, answer => Assert.Equal(RefusalKind.ConcurrentRunsExceeded, answer.Refusal?.Kind));
        Assert.Equal(3, (await Job.ListRuns(null, 100)).Value!.Count);

        static RunRecord Next(RunRecord run, long ordinal) =>
            run with
            {
                Id = RunId.New(),
                Ordinal = ordinal,
                Version = 1,
            };
    }

    [Fact]
    public async Task Runs_of_a_dead_silo_are_taken_up_again_without_a_client_asking()
    {
        await CreateJob(maxConcurrentRuns: 10, timeout: 5);
        for (var i = 0; i < 10; i++)
            await StartRunning();

        await Cluster.KillSiloAsync(Cluster.Silos[1]);

        // Grains that died with the silo are woken by the sweep when their deadline has passed; all others by their timer.
        var stopped = new HashSet<string>();
        Clock.Advance(TimeSpan.FromMinutes(6));
        while (stopped.Count < 10)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            while (await Executor.TryNext(patience.Token) is { } request)
            {
                if (request.Asked == Asked.Stop)
                    stopped.Add(request.RunId);
            }
        }

        Assert.All((await Job.ListRuns(null, 100)).Value!, run => Assert.Equal(JobRunState.Timeout, run.EndsAs));
    }
}
