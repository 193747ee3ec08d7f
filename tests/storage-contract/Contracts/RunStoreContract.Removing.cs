using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

public abstract partial class RunStoreContract
{
    private static IEnumerable<JobRunState> AllStates =>
        Enum.GetValues<JobRunState>().Where(state => state != JobRunState.Unset);

    [Fact]
    public async Task Ended_runs_are_listed_page_by_page_the_first_to_end_first()
    {
        // Several end in the same millisecond, and not in the order of their ordinals.
        var runs = new List<RunRecord>();
        await CreateMany(
            500,
            ordinal =>
                ARun()
                    .OfJob($"job-{ordinal % 3}")
                    .WithOrdinal(ordinal)
                    .StartedOn(Accepted.AddMilliseconds(ordinal * 7 % 100))
                    .InState(JobRunState.Succeeded)
                    .With(run => run with { Executor = ordinal % 2 == 0 ? null : new ExecutorTenure("n1", ordinal) }),
            runs.Add
        );
        var before = Accepted.AddMilliseconds(60);

        var seen = new List<EndedRun>();
        while (await Store.ListEndedBefore(before, seen.LastOrDefault(), 37) is { Count: > 0 } page)
            seen.AddRange(page);

        Assert.Equal(
            runs.Where(run => run.CompletedOn < before)
                .OrderBy(run => run.CompletedOn)
                .ThenBy(run => run.Id, StringComparer.Ordinal)
                .Select(run => new EndedRun(run.CompletedOn!.Value, run.Id, run.Executor)),
            seen
        );
    }

    [Fact]
    public async Task Only_runs_that_have_ended_are_listed_as_ended()
    {
        foreach (var state in AllStates)
            await Create(ARun().WithOrdinal((long)state).InState(state));

        var ended = await Store.ListEndedBefore(Accepted.AddMilliseconds(1), null, 100);

        Assert.Equal(AllStates.Count(state => state.IsTerminal()), ended.Count);
        Assert.Empty(await Store.ListEndedBefore(Accepted, null, 100));
    }

    [Fact]
    public async Task Only_runs_that_have_ended_can_be_removed()
    {
        var runs = new List<RunRecord>();
        foreach (var state in AllStates)
            runs.Add(await Create(ARun().WithOrdinal((long)state).InState(state)));

        var removed = await Store.Remove([.. runs.Select(run => run.Id), "jr_unknown", "it's \"odd\""]);

        Assert.Equal(runs.Count(run => run.State.IsTerminal()), removed);
        foreach (var run in runs)
            Assert.Equal(!run.State.IsTerminal(), await Store.Find(run.Id) is not null);
        Assert.Empty(await Store.ListEndedBefore(Accepted.AddYears(1), null, 100));
        Assert.Equal([4L, 3L, 2L, 1L], (await Store.ListByJob(TheJob, null, 100)).Select(run => run.Ordinal));
    }

    [Fact]
    public async Task What_was_removed_is_removed_once_and_can_no_longer_be_saved()
    {
        var run = await Create(ARun().InState(JobRunState.Failed));

        Assert.Equal(1, await Store.Remove([run.Id]));
        Assert.Equal(0, await Store.Remove([run.Id]));
        Assert.Equal(0, await Store.Remove([]));

        Assert.Equal(SaveResult.Gone, await Store.SaveIfUnchanged(run with { Version = 2 }, 1));
    }

    [Fact]
    public async Task A_job_whose_history_was_removed_goes_on_creating_runs()
    {
        var epoch = await Store.ClaimEpoch(TheJob);
        RunRecord old = ARun().WithOrdinal(7).InState(JobRunState.Failed);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(old, epoch));
        await Store.Remove([old.Id]);

        Assert.Equal(0, (await Store.LoadRoster(TheJob)).LastOrdinal);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun().WithOrdinal(8), epoch));
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(ARun().WithOrdinal(9), epoch - 1));
    }
}
