using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.Upkeep;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Upkeep;

public sealed class HistoryPrunerTests
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(90);

    private readonly FakeTimeProvider _clock = new(Accepted + Keep);
    private readonly MemoryRunStore _store = new();
    private readonly Disk _disk = new();

    [Fact]
    public async Task A_run_goes_with_its_directory_when_it_ended_too_long_ago_and_not_before()
    {
        var old = await Create(Ended(Accepted.AddMilliseconds(-1)));
        var young = await Create(Ended(Accepted));
        var running = await Create(ARun().InState(JobRunState.Running).StartedOn(Accepted.AddYears(-1)));

        await ANewTerm().Round(Ending);
        Assert.Equal([old], _disk.Forgotten);
        await AssertLeft(young, running);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await ANewTerm().Round(Ending);
        Assert.Equal([old, young], _disk.Forgotten);
        await AssertLeft(running);
    }

    [Fact]
    public async Task A_long_history_is_removed_in_rounds_and_then_there_is_a_rest()
    {
        for (var i = 0; i < 5000; i++)
            await Create(Ended(Accepted.AddDays(-1)));
        var pruner = ANewTerm();

        await pruner.Round(Ending);
        Assert.Equal((2000, new UpkeepOptions().SweepPeriod), (_disk.Forgotten.Count, pruner.Period));
        await pruner.Round(Ending);
        await pruner.Round(Ending);

        Assert.Equal(TimeSpan.FromHours(1), pruner.Period);
        Assert.Empty(await _store.ListEndedBefore(_clock.GetUtcNow(), null, 1));
        Assert.Equal(5000, _disk.Forgotten.Distinct().Count());
    }

    [Fact]
    public async Task Runs_that_cannot_be_removed_do_not_keep_the_others_and_are_tried_again()
    {
        for (var i = 0; i < 2500; i++)
            _disk.Alive.TryAdd(await Create(Ended(Accepted.AddDays(-2))), i % 2 == 0);
        var removable = await Create(Ended(Accepted.AddDays(-1)));
        var pruner = ANewTerm();

        await pruner.Round(Ending);
        await pruner.Round(Ending);
        Assert.Equal([removable], _disk.Forgotten);
        Assert.Equal(2500, (await _store.ListEndedBefore(_clock.GetUtcNow(), null, 9999)).Count);

        _disk.Alive.Clear();
        await pruner.Round(Ending);
        await pruner.Round(Ending);
        Assert.Equal(2501, _disk.Forgotten.Count);
    }

    [Fact]
    public async Task A_row_outlives_its_directory()
    {
        var run = await Create(Ended(Accepted.AddDays(-1)));
        _disk.Ask = id => Assert.NotNull(_store.Find(id).Result);

        await ANewTerm().Round(Ending);

        await AssertLeft();
        Assert.Equal([run], _disk.Forgotten);
    }

    private int _ordinal;

    private RunRecord Ended(DateTimeOffset at) => ARun().StartedOn(at).InState(JobRunState.Succeeded);

    private async Task<string> Create(RunRecord run)
    {
        run = run with { Ordinal = ++_ordinal };
        Assert.Equal(CreateResult.Created, await _store.TryCreate(run));
        return run.Id;
    }

    private async Task AssertLeft(params string[] ids) =>
        Assert.Equal(ids.Order(), (await _store.ListByJob(TheJob, null, 100)).Select(run => run.Id).Order());

    private HistoryPruner ANewTerm() =>
        new(
            _store,
            _disk,
            Options.Create(new RunDeadlines { KeepHistory = Keep }),
            Options.Create(new UpkeepOptions()),
            _clock,
            new OneClock(_clock),
            NullLogger<HistoryPruner>.Instance
        );

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>The directories of runs. Of some, processes live, or a file cannot be deleted.</summary>
    private sealed class Disk : IRunExecutor
    {
        public ConcurrentQueue<string> Forgotten { get; } = new();

        /// <summary>Whether a process lives, or else a file cannot be deleted.</summary>
        public ConcurrentDictionary<string, bool> Alive { get; } = new();

        public Action<string> Ask { get; set; } = _ => { };

        public Task<bool> Forget(string runId, ExecutorTenure? executor)
        {
            Ask(runId);
            if (Alive.TryGetValue(runId, out var lives))
                return lives ? Task.FromResult(false) : throw new IOException("A file cannot be deleted.");
            Forgotten.Enqueue(runId);
            return Task.FromResult(true);
        }

        public Task Launch(RunRecord run, BookmarkInput? bookmark) => throw new NotSupportedException();

        public Task FailLaunch(RunRecord run, string errorMessage) => throw new NotSupportedException();

        public Task Resume(RunRecord run) => throw new NotSupportedException();

        public Task Stop(RunRecord run) => throw new NotSupportedException();

        public Task Drain(RunRecord run) => throw new NotSupportedException();
    }
}
