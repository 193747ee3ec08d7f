using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>What a job and an account read to know what waits, what is owed and what is held.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task A_roster_names_the_waiting_runs_in_order_with_what_they_will_hold()
    {
        RunRecord flex = ARun()
            .WithOrdinal(9)
            .StartedOn(Accepted.AddSeconds(3))
            .WithSettings(settings => settings with { ExecutionClass = "FLEX", MaxCapacity = 0.0625 });
        RunRecord second = ARun().WithOrdinal(3).With(run => run with { StateDetail = "the limit is 日本 🚀" });
        RunRecord first = ARun().WithOrdinal(2).WithSettings(settings => settings with { MaxCapacity = 10 });
        foreach (var run in new[] { flex, second, first, ARun().WithOrdinal(1).InState(JobRunState.Running) })
            await Create(run);
        await Create(ARun().OfJob("another").WithOrdinal(4));

        Assert.Equal(
            [
                new WaitingRun(first.Id, 2, 10, IsFlex: false, Accepted, StateDetail: null),
                new WaitingRun(second.Id, 3, 1, IsFlex: false, Accepted, "the limit is 日本 🚀"),
                new WaitingRun(flex.Id, 9, 0.0625, IsFlex: true, Accepted.AddSeconds(3), StateDetail: null),
            ],
            (await Store.LoadRoster(TheJob)).Waiting
        );
    }

    [Fact]
    public async Task A_roster_names_what_is_owed_the_earliest_due_first_whether_it_is_due_or_not()
    {
        var later = await Create(Owing(1, Accepted.AddYears(1)));
        var sooner = await Create(Owing(2, Accepted));
        await Create(Owing(3, Accepted).WithJob("another"));
        await Create(ARun().WithOrdinal(4).InState(JobRunState.Failed));

        var roster = await Store.LoadRoster(TheJob);

        Assert.Equal([new OwedRun(sooner.Id, Accepted), new OwedRun(later.Id, Accepted.AddYears(1))], roster.Owed);
        Assert.Equal(4, roster.LastOrdinal);
        Assert.Empty(roster.SlotHolders);
    }

    [Fact]
    public async Task A_run_is_in_one_part_of_the_roster_at_a_time()
    {
        var run = await Create(ARun());
        foreach (
            var (state, waits, holds) in new[]
            {
                (JobRunState.Starting, 0, 1),
                (JobRunState.Waiting, 1, 0), // there was no room after all
                (JobRunState.Starting, 0, 1),
                (JobRunState.Running, 0, 1),
                (JobRunState.Stopping, 0, 1),
                (JobRunState.Expired, 0, 0),
            }
        )
        {
            var next = run.MovedTo(state);
            next = state == JobRunState.Expired ? next with { SuccessorDueAt = next.CompletedOn } : next;
            await Store.SaveIfUnchanged(next, run.Version);
            run = next;

            var roster = await Store.LoadRoster(TheJob);
            var account = await Store.LoadAccountRoster(TheJob.Account);
            Assert.Equal((waits, holds), (roster.Waiting.Count, roster.SlotHolders.Count));
            Assert.Equal((waits, holds), (account.Waiting.Count, account.Holders.Count));
            Assert.Equal(state == JobRunState.Expired ? 1 : 0, roster.Owed.Count);
        }
    }

    [Fact]
    public async Task An_account_roster_names_what_each_run_of_the_account_holds_and_who_waits()
    {
        var holders = new List<CapacityHolder>();
        var waiting = new List<string>();
        foreach (var state in Enum.GetValues<JobRunState>().Where(state => state != JobRunState.Unset))
        {
            foreach (var isFlex in new[] { false, true })
            {
                RunRecord run = ARun()
                    .OfJob($"job-{state}-{isFlex}")
                    .InState(state)
                    .WithSettings(settings =>
                        settings with
                        {
                            MaxCapacity = (int)state + 0.0625,
                            ExecutionClass = isFlex ? "FLEX" : null,
                        }
                    );
                await Create(run);
                if (state.HoldsSlot())
                    holders.Add(new CapacityHolder(run.Id, run.Settings.MaxCapacity, isFlex));
                else if (!state.IsTerminal())
                    waiting.Add(run.Id);
            }
        }

        await Create(ARun().OfJob(new JobKey("222222222222", "theirs")).InState(JobRunState.Running));
        await Create(ARun().OfJob(new JobKey("222222222222", "theirs")).WithOrdinal(2));

        var roster = await Store.LoadAccountRoster(TheJob.Account);

        Assert.Equal(holders.OrderBy(holder => holder.RunId), roster.Holders.OrderBy(holder => holder.RunId));
        Assert.Equal(waiting.Order(), roster.Waiting.Order());
        Assert.Equal((6, 2), (holders.Count, waiting.Count));
        Assert.Empty((await Store.LoadAccountRoster("333333333333")).Holders);
    }

    [Fact]
    public async Task Runs_that_wait_before_an_ordinal_are_counted()
    {
        foreach (var ordinal in new[] { 2, 3, 5, 9 })
            await Create(ARun().WithOrdinal(ordinal));
        await Create(ARun().WithOrdinal(1).InState(JobRunState.Running));
        await Create(ARun().WithOrdinal(4).InState(JobRunState.Stopped));
        await Create(ARun().OfJob("another").WithOrdinal(1));

        foreach (var (below, expected) in new[] { (1L, 0), (2L, 0), (3L, 1), (6L, 3), (9L, 3), (long.MaxValue, 4) })
            Assert.Equal(expected, await Store.CountWaiting(TheJob, below));
    }

    [Fact]
    public async Task A_job_is_to_be_tended_while_a_run_waits_or_when_a_successor_is_due()
    {
        await Create(ARun().OfJob("waits"));
        await Create(Owing(1, Accepted).WithJob("owes"));
        await Create(Owing(1, Accepted.AddMilliseconds(1)).WithJob("owes later"));
        await Create(ARun().OfJob("both"));
        await Create(Owing(2, Accepted).WithJob("both"));
        await Create(ARun().OfJob("runs").InState(JobRunState.Running).DueAt(Accepted));
        await Create(ARun().OfJob("ended").InState(JobRunState.Failed));

        Assert.Equal(["both", "owes", "waits"], await JobsToTend(null, Accepted, 10));
        Assert.Equal(["both", "owes", "owes later", "waits"], await JobsToTend(null, Accepted.AddMilliseconds(1), 10));
        Assert.Equal(["both", "waits"], await JobsToTend(null, Accepted.AddDays(-1), 10));
    }

    /// <summary>As UTF-16 the rocket (D83D …) would come before U+FF21; as UTF-8 it comes after.</summary>
    [Fact]
    public async Task Jobs_to_tend_come_page_by_page_in_the_order_of_UTF_8_first_by_account()
    {
        string[] names = ["A", "Z", "a", "a b", "aa", "é", "日本", "\uFF21", "🚀"];
        string[] accounts = ["111111111111", "222222222222"];
        JobKey[] inOrder = [.. accounts.SelectMany(account => names.Select(name => new JobKey(account, name)))];
        foreach (var (job, i) in inOrder.Reverse().Select((job, i) => (job, i)))
            await Create(i % 2 == 0 ? ARun().OfJob(job) : Owing(1, Accepted).WithJob(job));

        for (var limit = 1; limit <= inOrder.Length + 1; limit++)
        {
            List<JobKey> seen = [];
            JobKey? after = null;
            while (await Store.ListJobsToTend(after, Accepted, limit) is { Count: > 0 } page)
            {
                Assert.True(page.Count <= limit);
                seen.AddRange(page);
                after = seen[^1];
            }

            Assert.Equal(inOrder, seen);
        }
    }

    private async Task<IEnumerable<string>> JobsToTend(JobKey? after, DateTimeOffset now, int limit) =>
        (await Store.ListJobsToTend(after, now, limit)).Select(job => job.Name);
}

internal static class OtherJobs
{
    internal static RunRecord WithJob(this RunRecord run, string name) => run.WithJob(run.Job with { Name = name });

    internal static RunRecord WithJob(this RunRecord run, JobKey job) => run with { Job = job };
}
