using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

public abstract partial class RunStoreContract
{
    [Fact]
    public async Task History_is_read_page_by_page_from_the_newest_run_on()
    {
        const int length = 3000;
        await CreateMany(length, ordinal => ARun().WithOrdinal(ordinal).InState(JobRunState.Succeeded));
        await CreateMany(500, ordinal => ARun().OfJob("another").WithOrdinal(ordinal));

        var seen = new List<long>();
        long? before = null;
        while (await Store.ListByJob(TheJob, before, 197) is { Count: > 0 } page)
        {
            Assert.All(page, run => Assert.Equal(TheJob, run.Job));
            seen.AddRange(page.Select(run => run.Ordinal));
            before = seen[^1];
        }

        Assert.Equal(Enumerable.Range(1, length).Reverse().Select(ordinal => (long)ordinal), seen);
    }

    [Fact]
    public async Task A_page_begins_below_any_ordinal_whether_a_run_has_it_or_not()
    {
        foreach (var ordinal in new long[] { 1, 2, 5, 9 })
            await Create(ARun().WithOrdinal(ordinal));

        Assert.Equal([5L, 2L], (await Store.ListByJob(TheJob, 7, 2)).Select(run => run.Ordinal));
        Assert.Equal([2L, 1L], (await Store.ListByJob(TheJob, 5, 9)).Select(run => run.Ordinal));
        Assert.Empty(await Store.ListByJob(TheJob, 1, 9));
    }

    [Fact]
    public async Task Runs_that_arrive_while_a_history_is_paged_shift_nothing()
    {
        await CreateMany(10, ordinal => ARun().WithOrdinal(ordinal));
        var first = await Store.ListByJob(TheJob, null, 4);
        await Create(ARun().WithOrdinal(11));

        var second = await Store.ListByJob(TheJob, first[^1].Ordinal, 4);

        Assert.Equal([6L, 5L, 4L, 3L], second.Select(run => run.Ordinal));
    }

    [Fact]
    public async Task A_job_without_runs_has_an_empty_history_and_an_empty_roster()
    {
        await Create(ARun().OfJob("another").InState(JobRunState.Running));

        Assert.Empty(await Store.ListByJob(TheJob, null, 10));
        var roster = await Store.LoadRoster(TheJob);
        Assert.Equal(0, roster.LastOrdinal);
        Assert.Empty(roster.SlotHolders);
        Assert.Empty(roster.Waiting);
        Assert.Empty(roster.Owed);
    }

    [Fact]
    public async Task A_roster_names_the_runs_that_hold_a_slot_and_the_last_ordinal_of_all()
    {
        var holders = new List<string>();
        foreach (var state in Enum.GetValues<JobRunState>().Where(state => state != JobRunState.Unset))
        {
            var run = await Create(ARun().WithOrdinal((long)state).InState(state));
            if (state.HoldsSlot())
                holders.Add(run.Id);
        }
        await Create(ARun().OfJob("another").WithOrdinal(99).InState(JobRunState.Running));

        var roster = await Store.LoadRoster(TheJob);

        Assert.Equal((long)JobRunState.Expired, roster.LastOrdinal);
        Assert.Equal(holders.Order(), roster.SlotHolders.Order());
        Assert.Equal(3, holders.Count);
    }

    [Fact]
    public async Task A_roster_keeps_its_last_ordinal_when_all_runs_have_ended()
    {
        await Create(ARun().WithOrdinal(41).InState(JobRunState.Failed));

        var roster = await Store.LoadRoster(TheJob);

        Assert.Equal(41, roster.LastOrdinal);
        Assert.Empty(roster.SlotHolders);
    }

    [Fact]
    public async Task Unfinished_runs_of_all_jobs_are_listed_page_by_page_in_order_of_id()
    {
        var open = new List<string>();
        var states = Enum.GetValues<JobRunState>().Where(state => state != JobRunState.Unset).ToList();
        await CreateMany(
            2000,
            ordinal => ARun().OfJob($"job-{ordinal % 7}").WithOrdinal(ordinal).InState(states[ordinal % states.Count]),
            run => open.AddRange(run.State.IsTerminal() ? [] : [run.Id])
        );

        var seen = new List<string>();
        string? after = null;
        while (await Store.ListUnfinished(after, 97) is { Count: > 0 } page)
        {
            seen.AddRange(page);
            after = seen[^1];
        }

        Assert.Equal(open.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task A_run_leaves_the_unfinished_when_it_ends()
    {
        var run = await Create(ARun().InState(JobRunState.Running).DueAt(Accepted));
        Assert.Equal([run.Id], await Store.ListUnfinished(null, 10));

        // The deadline stays in the row: only the state may decide.
        await Store.SaveIfUnchanged(run.MovedTo(JobRunState.Succeeded) with { DueAt = Accepted }, 1);

        Assert.Empty(await Store.ListUnfinished(null, 10));
        Assert.Empty(await Store.ListOverdue(Accepted.AddYears(1), 10));
    }

    [Fact]
    public async Task Overdue_runs_are_listed_the_longest_overdue_first()
    {
        var third = await Create(ARun().WithOrdinal(1).DueAt(Accepted));
        var first = await Create(ARun().WithOrdinal(2).DueAt(Accepted.AddDays(-2)));
        var second = await Create(ARun().WithOrdinal(3).InState(JobRunState.Running).DueAt(Accepted.AddDays(-1)));
        await Create(ARun().WithOrdinal(4).DueAt(Accepted.AddMilliseconds(1)));
        await Create(ARun().WithOrdinal(5));

        Assert.Equal([first.Id, second.Id, third.Id], await Store.ListOverdue(Accepted, 10));
        Assert.Equal([first.Id, second.Id], await Store.ListOverdue(Accepted, 2));
        Assert.Empty(await Store.ListOverdue(Accepted.AddDays(-3), 10));
    }

    [Fact]
    public async Task A_deadline_follows_what_was_saved_last()
    {
        var run = await Create(ARun().DueAt(Accepted));
        var later = run.MovedTo(JobRunState.Starting) with { DueAt = Accepted.AddHours(1) };
        await Store.SaveIfUnchanged(later, 1);

        Assert.Empty(await Store.ListOverdue(Accepted, 10));
        Assert.Equal([run.Id], await Store.ListOverdue(Accepted.AddHours(1), 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_list_without_room_is_a_mistake_of_the_caller(int limit)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListByJob(TheJob, null, limit));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListUnfinished(null, limit));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListOverdue(Accepted, limit));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListJobsToTend(null, Accepted, limit));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListEndedBefore(Accepted, null, limit));
    }

    private async Task CreateMany(int count, Func<int, RunRecord> make, Action<RunRecord>? note = null)
    {
        var runs = Enumerable.Range(1, count).Select(make).ToList();
        var results = await Task.WhenAll(runs.Select(run => Store.TryCreate(run)));
        Assert.All(results, result => Assert.Equal(CreateResult.Created, result));
        if (note is not null)
            runs.ForEach(note);
    }
}
