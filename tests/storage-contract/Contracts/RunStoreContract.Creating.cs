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
    public async Task A_created_run_is_found_as_it_was_created()
    {
        RunRecord run = ARun()
            .OfJob("nightly")
            .WithOrdinal(7)
            .OnAttempt(2, previousRunId: RunId.New())
            .EndingAs(JobRunState.Timeout)
            .DueAt(Accepted.AddMinutes(3))
            .With(made =>
                made with
                {
                    TriggerName = "every-night",
                    DeadlineAt = Accepted.AddMinutes(4),
                    DelayNotifiedIn = JobRunState.Running,
                }
            )
            .WithError("It took too long.")
            .WithSettings(settings =>
                settings with
                {
                    Arguments = new Dictionary<string, string> { ["--day"] = "1" },
                    ScriptArguments = new Dictionary<string, string> { ["--day"] = "1", ["--TempDir"] = "/tmp" },
                    Command = new JobCommand
                    {
                        Name = "glueetl",
                        ScriptLocation = "s3://scripts/nightly.py",
                        PythonVersion = "3",
                        Runtime = "Ray2.4",
                    },
                    Timeout = null,
                    AllocatedCapacity = 10,
                    MaxCapacity = 0.0625,
                    WorkerType = "G.1X",
                    NumberOfWorkers = 10,
                    SecurityConfiguration = "tight",
                    NotificationProperty = new NotificationProperty { NotifyDelayAfter = 5 },
                    GlueVersion = "5.0",
                    ExecutionClass = "FLEX",
                    MaintenanceWindow = "Sun:10",
                    ProfileName = "small",
                    ExecutionRoleSessionPolicy = "{}",
                    JobMode = "NOTEBOOK",
                    JobRunQueuingEnabled = true,
                    LogGroupName = "/logs",
                    MaxRetries = 10,
                }
            );

        Assert.Equal(CreateResult.Created, await Store.TryCreate(run));

        AssertSame(run, await Store.Find(run.Id));
    }

    [Fact]
    public async Task A_run_with_nothing_optional_is_found_as_it_was_created()
    {
        var run = await Create(ARun());

        AssertSame(run, await Store.Find(run.Id));
    }

    [Fact]
    public async Task An_unknown_id_finds_nothing()
    {
        await Create(ARun());

        Assert.Null(await Store.Find(RunId.New()));
    }

    [Fact]
    public async Task Every_state_can_be_stored()
    {
        foreach (var state in Enum.GetValues<JobRunState>().Where(state => state != JobRunState.Unset))
        {
            var run = await Create(ARun().WithOrdinal((long)state).InState(state));
            AssertSame(run, await Store.Find(run.Id));
        }
    }

    [Fact]
    public async Task Every_ending_can_be_remembered_while_stopping()
    {
        foreach (
            var end in Enum.GetValues<JobRunState>().Where(state => state != JobRunState.Unset && state.IsTerminal())
        )
        {
            var run = await Create(ARun().WithOrdinal((long)end).EndingAs(end));
            AssertSame(run, await Store.Find(run.Id));
        }
    }

    [Fact]
    public async Task An_id_is_taken_by_a_run_of_any_job_and_the_first_run_stays()
    {
        var first = await Create(ARun().OfJob("one"));

        Assert.Equal(CreateResult.IdTaken, await Store.TryCreate(ARun().OfJob("two").WithId(first.Id).WithOrdinal(5)));

        AssertSame(first, await Store.Find(first.Id));
        Assert.Empty(await Store.ListByJob(new JobKey(TheJob.Account, "two"), null, 10));
    }

    [Fact]
    public async Task The_same_run_created_twice_is_told_that_its_id_is_taken()
    {
        var run = await Create(ARun());

        Assert.Equal(CreateResult.IdTaken, await Store.TryCreate(run));
    }

    [Fact]
    public async Task An_ordinal_is_taken_once_in_a_job_and_nothing_is_written()
    {
        await Create(ARun().WithOrdinal(3));
        RunRecord second = ARun().WithOrdinal(3);

        Assert.Equal(CreateResult.OrdinalTaken, await Store.TryCreate(second));

        Assert.Null(await Store.Find(second.Id));
    }

    [Fact]
    public async Task Jobs_of_one_name_in_two_accounts_count_their_ordinals_apart()
    {
        var here = await Create(ARun().OfJob(new JobKey("111111111111", "job")));
        var there = await Create(ARun().OfJob(new JobKey("222222222222", "job")));

        Assert.Equal(here.Id, Assert.Single(await Store.ListByJob(here.Job, null, 10)).Id);
        Assert.Equal(there.Id, Assert.Single(await Store.ListByJob(there.Job, null, 10)).Id);
    }

    [Fact]
    public async Task Of_many_that_create_under_one_ordinal_exactly_one_succeeds()
    {
        for (var ordinal = 1; ordinal <= 20; ordinal++)
        {
            var results = await Task.WhenAll(
                Enumerable.Range(0, 32).Select(_ => Task.Run(() => Store.TryCreate(ARun().WithOrdinal(ordinal))))
            );

            Assert.Single(results, result => result == CreateResult.Created);
            Assert.Equal(31, results.Count(result => result == CreateResult.OrdinalTaken));
        }

        Assert.Equal(20, (await Store.ListByJob(TheJob, null, 1000)).Count);
    }

    [Fact]
    public async Task Of_many_that_create_under_one_id_exactly_one_succeeds()
    {
        var id = RunId.New();

        var results = await Task.WhenAll(
            Enumerable
                .Range(1, 64)
                .Select(ordinal => Task.Run(() => Store.TryCreate(ARun().WithId(id).WithOrdinal(ordinal))))
        );

        Assert.Single(results, result => result == CreateResult.Created);
        Assert.Equal(63, results.Count(result => result == CreateResult.IdTaken));
    }

    [Fact]
    public async Task A_run_that_loses_does_not_take_those_with_it_that_are_written_at_the_same_time()
    {
        await Create(ARun().OfJob("contested"));

        var losers = Enumerable.Range(0, 100).Select(_ => Store.TryCreate(ARun().OfJob("contested")));
        var winners = Enumerable.Range(2, 100).Select(ordinal => Store.TryCreate(ARun().WithOrdinal(ordinal)));
        var results = await Task.WhenAll(losers.Zip(winners).SelectMany(pair => new[] { pair.First, pair.Second }));

        Assert.Equal(100, results.Count(result => result == CreateResult.OrdinalTaken));
        Assert.Equal(100, results.Count(result => result == CreateResult.Created));
    }

    [Fact]
    public async Task Instants_are_kept_to_the_millisecond_and_read_back_in_UTC()
    {
        var instant = new DateTimeOffset(2026, 10, 25, 2, 30, 0, 123, TimeSpan.FromHours(2)).AddTicks(4567);

        var run = await Create(ARun().StartedOn(instant).DueAt(instant.AddDays(400)));

        var found = await Load(run);
        Assert.Equal(new DateTimeOffset(2026, 10, 25, 0, 30, 0, 123, TimeSpan.Zero), found.StartedOn);
        Assert.Equal(TimeSpan.Zero, found.StartedOn.Offset);
        Assert.Equal(new DateTimeOffset(2026, 10, 25, 0, 30, 0, 123, TimeSpan.Zero).AddDays(400), found.DueAt);
        Assert.Null(found.RunningSince);
        Assert.Null(found.CompletedOn);
    }

    [Fact]
    public async Task Large_settings_are_kept_whole()
    {
        var arguments = Enumerable
            .Range(0, 256)
            .ToDictionary(i => $"--argument-{i}", i => new string((char)('a' + (i % 26)), 1024));

        var run = await Create(
            ARun().WithSettings(settings => settings with { Arguments = arguments, ScriptArguments = arguments })
        );

        AssertSame(run, await Store.Find(run.Id));
    }

    [Fact]
    public async Task Text_of_any_script_is_kept()
    {
        const string text = "naïve 日本語 🚀 \u202E\"quotes\" \\ 'single' <b>&amp;</b> \r\n\t\u0001 \0 end";
        var job = new JobKey(TheJob.Account, "Job – 日本語 🚀 'n' %_");

        var run = await Create(
            ARun()
                .OfJob(job)
                .WithError(text)
                .WithSettings(settings =>
                    settings with
                    {
                        ScriptArguments = new Dictionary<string, string> { ["--" + text] = text },
                    }
                )
        );

        AssertSame(run, await Store.Find(run.Id));
        AssertSame(run, Assert.Single(await Store.ListByJob(job, null, 10)));
    }

    [Theory]
    [MemberData(nameof(BrokenRuns))]
    public async Task A_run_that_contradicts_itself_is_refused_and_leaves_no_trace(string what, Func<RunRecord> make)
    {
        var broken = make();

        await Assert.ThrowsAsync<ArgumentException>(() => Store.TryCreate(broken));

        Assert.True(await Store.Find(broken.Id) is null, what);
        Assert.Equal(0, (await Store.LoadRoster(TheJob)).LastOrdinal);
    }

    public static TheoryData<string, Func<RunRecord>> BrokenRuns() =>
        new()
        {
            { "no state", () => ARun().With(run => run with { State = JobRunState.Unset }) },
            { "ended without an end", () => ARun().With(run => run with { State = JobRunState.Failed }) },
            { "an end while it runs", () => ARun().With(run => run with { CompletedOn = Accepted }) },
            { "stopping without an ending", () => ARun().With(run => run with { State = JobRunState.Stopping }) },
            { "an ending while it waits", () => ARun().With(run => run with { EndsAs = JobRunState.Stopped }) },
            { "an ending that is none", () => ARun().EndingAs(JobRunState.Running) },
            { "ordinal zero", () => ARun().WithOrdinal(0) },
            {
                "what it waits for while it runs",
                () => ARun().InState(JobRunState.Running).With(run => run with { StateDetail = "a limit" })
            },
            { "a successor before its end", () => ARun().With(run => run with { SuccessorDueAt = Accepted }) },
            { "version zero", () => ARun().AtVersion(0) },
        };
}
