using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class StartTests : GlueCluster
{
    [Fact]
    public async Task A_run_goes_from_starting_through_running_to_succeeded()
    {
        await CreateJob();

        var runId = await Start();
        Assert.Equal(JobRunState.Starting, (await Read(runId)).State);

        Assert.Equal(runId, (await Executor.Next(Asked.Launch)).Id);
        Clock.Advance(TimeSpan.FromSeconds(2));
        await Launched(runId);
        Assert.Equal(JobRunState.Running, (await Read(runId)).State);

        Clock.Advance(TimeSpan.FromSeconds(30));
        await Exited(runId);
        var run = await Read(runId);
        Assert.Equal(JobRunState.Succeeded, run.State);
        Assert.Equal(TimeSpan.FromSeconds(30), run.CompletedOn - run.RunningSince);
        Assert.Equal(TimeSpan.FromSeconds(32), run.CompletedOn - run.StartedOn);
        Assert.Null(run.ErrorMessage);
    }

    [Fact]
    public async Task A_job_that_does_not_exist_cannot_be_run()
    {
        var refused = await Grain("nobody").StartRun(new StartRun());

        Assert.Equal(
            new Refusal(RefusalKind.EntityNotFound, "Failed to start job run due to missing metadata"),
            refused.Refusal
        );
    }

    [Fact]
    public async Task Over_the_limit_a_run_is_refused_and_leaves_no_record()
    {
        await CreateJob(maxConcurrentRuns: 1);
        await Start();

        var refused = await Job.StartRun(new StartRun());

        Assert.Equal(
            new Refusal(RefusalKind.ConcurrentRunsExceeded, "Concurrent runs exceeded for nightly"),
            refused.Refusal
        );
        Assert.Single((await Job.ListRuns(null, 10)).Value!);
    }

    [Fact]
    public async Task Of_many_starts_at_once_as_many_are_admitted_as_there_are_slots()
    {
        await CreateJob(maxConcurrentRuns: 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Job.StartRun(new StartRun())));

        Assert.Equal(5, answers.Count(a => !a.IsRefused));
        var runs = (await Job.ListRuns(null, 100)).Value!;
        Assert.Equal([5L, 4L, 3L, 2L, 1L], runs.Select(r => r.Ordinal));
    }

    [Fact]
    public async Task A_slot_is_free_the_moment_the_run_reads_terminal()
    {
        await CreateJob(maxConcurrentRuns: 1);
        for (var i = 0; i < 20; i++)
        {
            var runId = await StartRunning();
            await Exited(runId, exitCode: i % 2);
        }

        Assert.Equal(20, (await Job.ListRuns(null, 100)).Value!.Count);
    }

    [Fact]
    public async Task A_run_that_ended_without_the_job_hearing_of_it_gives_its_slot_back()
    {
        await CreateJob(maxConcurrentRuns: 1);
        var run = await Read(await Start());
        await Store.SaveIfUnchanged(
            run with
            {
                Version = run.Version + 1,
                State = JobRunState.Failed,
                CompletedOn = Now,
                DueAt = null,
            },
            run.Version
        );

        Assert.False((await Job.StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task A_run_keeps_the_definition_it_was_started_with()
    {
        var job = await CreateJob();
        var runId = await Start();

        await Job.Update(
            job.Settings with
            {
                Command = new JobCommand { Name = "pythonshell", ScriptLocation = "/y.py" },
                MaxCapacity = null,
                AllocatedCapacity = null,
            }
        );
        await Job.Delete();

        Assert.Equal("/x.py", (await Read(runId)).Settings.Command.ScriptLocation);
    }

    [Fact]
    public async Task A_retry_by_hand_names_the_run_before_it_and_inherits_its_arguments()
    {
        await CreateJob();
        var arguments = new Dictionary<string, string> { ["--day"] = "2026-02-28" };
        var first = (await Job.StartRun(new StartRun { Arguments = arguments })).Value!;

        var tooEarly = await Job.StartRun(new StartRun { JobRunId = first });
        Assert.Equal(RefusalKind.InvalidInput, tooEarly.Refusal?.Kind);

        await Exited(first, exitCode: 1);
        var second = await Read((await Job.StartRun(new StartRun { JobRunId = first })).Value!);
        Assert.Equal(first, second.PreviousRunId);
        Assert.Equal(arguments, second.Settings.Arguments);
        Assert.Equal(0, second.Attempt);

        var unknown = await Job.StartRun(new StartRun { JobRunId = "jr_unknown" });
        Assert.Equal(RefusalKind.EntityNotFound, unknown.Refusal?.Kind);
    }
}
