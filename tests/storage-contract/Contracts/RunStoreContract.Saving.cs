using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

public abstract partial class RunStoreContract
{
    [Fact]
    public async Task A_run_is_only_saved_over_the_version_it_was_read_at()
    {
        var created = await Create(ARun().InState(JobRunState.Starting).DueAt(Accepted.AddMinutes(2)));
        var running = created.MovedTo(JobRunState.Running);

        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(running, 1));
        AssertSame(running, await Store.Find(created.Id));

        Assert.Equal(SaveResult.Stale, await Store.SaveIfUnchanged(created.MovedTo(JobRunState.Failed), 1));
        AssertSame(running, await Store.Find(created.Id));

        var ended = running.MovedTo(JobRunState.Succeeded);
        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(ended, 2));
        AssertSame(ended, await Store.Find(created.Id));
    }

    [Fact]
    public async Task A_version_that_is_not_reached_yet_is_stale_too()
    {
        var run = await Create(ARun());

        Assert.Equal(SaveResult.Stale, await Store.SaveIfUnchanged(run with { Version = 3 }, 2));

        AssertSame(run, await Store.Find(run.Id));
    }

    [Fact]
    public async Task Saving_a_run_that_does_not_exist_says_gone_and_creates_nothing()
    {
        RunRecord never = ARun().AtVersion(2);

        Assert.Equal(SaveResult.Gone, await Store.SaveIfUnchanged(never, 1));

        Assert.Null(await Store.Find(never.Id));
    }

    [Fact]
    public async Task Saving_replaces_what_can_change_and_keeps_what_cannot()
    {
        var created = await Create(ARun().OfJob("real").WithOrdinal(4).OnAttempt(1, "jr_before"));
        RunRecord changed = ARun()
            .WithId(created.Id)
            .OfJob("other")
            .WithOrdinal(9)
            .AtVersion(2)
            .OnAttempt(7, "jr_other")
            .StartedOn(Accepted.AddHours(1))
            .EndingAs(JobRunState.Expired)
            .DueAt(Accepted.AddHours(2))
            .WithError("Changed.")
            .WithSettings(settings => settings with { JobMode = "VISUAL" });

        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(changed, 1));

        AssertSame(
            changed with
            {
                Job = created.Job,
                Ordinal = created.Ordinal,
                Attempt = created.Attempt,
                PreviousRunId = created.PreviousRunId,
                Settings = created.Settings,
            },
            await Store.Find(created.Id)
        );
    }

    [Fact]
    public async Task Saving_replaces_what_belongs_to_the_queue_and_to_successors()
    {
        var waiting = await Create(ARun().With(run => run with { StateDetail = "a limit", TriggerName = "nightly" }));
        var starting = waiting.MovedTo(JobRunState.Starting) with
        {
            DeadlineAt = Accepted.AddMinutes(2),
            DelayNotifiedIn = JobRunState.Starting,
            TriggerName = "another",
        };
        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(starting, 1));
        AssertSame(starting with { TriggerName = "nightly" }, await Store.Find(waiting.Id));

        var failed = starting.MovedTo(JobRunState.Failed) with { SuccessorDueAt = Accepted.AddSeconds(30) };
        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(failed, 2));
        AssertSame(failed with { TriggerName = "nightly" }, await Store.Find(waiting.Id));
    }

    [Fact]
    public async Task Saving_can_take_values_away()
    {
        var created = await Create(
            ARun()
                .EndingAs(JobRunState.Stopped)
                .DueAt(Accepted.AddHours(2))
                .WithError("Something.")
                .With(run => run with { DeadlineAt = run.DueAt, DelayNotifiedIn = JobRunState.Stopping })
        );
        var emptied = created with
        {
            Version = 2,
            State = JobRunState.Waiting,
            EndsAs = null,
            RunningSince = null,
            DueAt = null,
            DeadlineAt = null,
            DelayNotifiedIn = null,
            ErrorMessage = null,
        };

        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(emptied, 1));

        AssertSame(emptied, await Store.Find(created.Id));
    }

    [Fact]
    public async Task Of_many_that_save_over_one_version_exactly_one_succeeds()
    {
        var run = await Create(ARun().InState(JobRunState.Running));

        for (var round = 0; round < 20; round++)
        {
            var results = await Task.WhenAll(
                Enumerable
                    .Range(0, 32)
                    .Select(i =>
                        Task.Run(async () =>
                        {
                            var mine = run with { Version = run.Version + 1, ErrorMessage = $"{i}" };
                            return (mine, result: await Store.SaveIfUnchanged(mine, run.Version));
                        })
                    )
            );

            var winner = Assert.Single(results, entry => entry.result == SaveResult.Saved).mine;
            Assert.Equal(31, results.Count(entry => entry.result == SaveResult.Stale));
            run = await Load(run);
            AssertSame(winner, run);
        }
    }

    [Fact]
    public async Task A_version_that_is_not_the_next_one_is_a_mistake_of_the_caller()
    {
        var run = await Create(ARun());

        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveIfUnchanged(run with { Version = 3 }, 1));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveIfUnchanged(run, 1));

        AssertSame(run, await Store.Find(run.Id));
    }

    [Fact]
    public async Task A_run_that_contradicts_itself_is_not_saved()
    {
        var run = await Create(ARun());

        await Assert.ThrowsAsync<ArgumentException>(() =>
            Store.SaveIfUnchanged(run with { Version = 2, State = JobRunState.Succeeded }, 1)
        );

        AssertSame(run, await Store.Find(run.Id));
    }

    [Fact]
    public async Task What_was_acknowledged_is_seen_by_every_read_after_it()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => LiveThrough($"job-{i}"))));

        async Task LiveThrough(string name)
        {
            var job = new JobKey(TheJob.Account, name);
            for (var ordinal = 1; ordinal <= 5; ordinal++)
            {
                var run = await Create(ARun().OfJob(job).WithOrdinal(ordinal));
                foreach (var state in new[] { JobRunState.Starting, JobRunState.Running, JobRunState.Succeeded })
                {
                    var next = run.MovedTo(state);
                    Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(next, run.Version));
                    AssertSame(next, await Store.Find(run.Id));
                    AssertSame(next, (await Store.ListByJob(job, null, 1))[0]);
                    Assert.Equal(state.HoldsSlot() ? [run.Id] : [], (await Store.LoadRoster(job)).SlotHolders);
                    run = next;
                }
            }
        }
    }
}
