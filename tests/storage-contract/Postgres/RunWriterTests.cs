using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Npgsql;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>Runs that are written together: each has the answer that it would have had alone.</summary>
public sealed class RunWriterTests(PostgresDatabaseFixture database)
    : IClassFixture<PostgresDatabaseFixture>,
        IAsyncLifetime
{
    private PostgresStorage _storage = null!;
    private RunWriter _writer = null!;
    private PostgresRunStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _storage = await database.Emptied();
        _writer = new RunWriter(_storage.Database, TimeSpan.FromSeconds(10), TimeProvider.System);
        _store = new PostgresRunStore(_storage.Database, _writer);
    }

    public async ValueTask DisposeAsync() => await _writer.Close();

    [Fact]
    public async Task What_waits_is_written_in_one_transaction()
    {
        var epoch = await _store.ClaimEpoch(TheJob);

        var results = await InOneBatch<CreateResult>(() =>
            [.. Enumerable.Range(1, 100).Select(ordinal => _store.TryCreate(ARun().WithOrdinal(ordinal), epoch))]
        );

        Assert.All(results, result => Assert.Equal(CreateResult.Created, result));
        Assert.Equal(1, await Transactions());
    }

    [Fact]
    public async Task That_a_script_has_begun_is_written_with_the_next_write_that_somebody_waits_for()
    {
        var writer = APatientWriter();
        var store = new PostgresRunStore(_storage.Database, writer);
        var epoch = await store.ClaimEpoch(TheJob);
        RunRecord starting = ARun().InState(JobRunState.Starting);
        await store.TryCreate(starting, epoch);

        var begun = store.SaveIfUnchanged(starting.MovedTo(JobRunState.Running), starting.Version);
        await store.TryCreate(ARun().WithOrdinal(2), epoch);

        Assert.Equal(SaveResult.Saved, await begun);
        Assert.Equal(1, await Transactions());
        await writer.Close();
    }

    [Fact]
    public async Task That_a_script_has_begun_waits_for_nobody_when_the_run_itself_goes_on_or_the_node_ends()
    {
        var writer = APatientWriter();
        var store = new PostgresRunStore(_storage.Database, writer);
        RunRecord starting = ARun().InState(JobRunState.Starting);
        RunRecord other = ARun().InState(JobRunState.Starting).WithOrdinal(2);
        await Task.WhenAll(store.TryCreate(starting), store.TryCreate(other));
        var running = starting.MovedTo(JobRunState.Running);

        var begun = store.SaveIfUnchanged(running, starting.Version);
        var ended = store.SaveIfUnchanged(running.MovedTo(JobRunState.Succeeded), running.Version);
        Assert.Equal([SaveResult.Saved, SaveResult.Saved], await Task.WhenAll(begun, ended));

        var last = store.SaveIfUnchanged(other.MovedTo(JobRunState.Running), other.Version);
        await writer.Close();
        Assert.Equal(SaveResult.Saved, await last);
    }

    [Fact]
    public async Task Creations_that_cannot_be_fail_alone_each_with_its_reason()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        var account = await _store.ClaimAccountEpoch(TheJob.Account);
        RunRecord first = ARun().WithOrdinal(1);
        await _store.TryCreate(first, epoch);

        Task<CreateResult> Create(RunRecord run, long job, long? ofAccount) =>
            _store.TryCreate(run, new AdmissionEpochs(job, ofAccount));
        var results = await InOneBatch<CreateResult>(() =>
            [
                Create(ARun().WithId("jr_a").WithOrdinal(2), epoch, account),
                Create(first with { Ordinal = 3 }, epoch, account),
                Create(ARun().WithOrdinal(4), epoch + 1, account),
                Create(ARun().WithOrdinal(5), epoch, account + 1),
                Create(ARun().WithOrdinal(1), epoch, account),
                Create(ARun().WithId("jr_b").WithOrdinal(2), epoch, account),
                Create(ARun().WithOrdinal(6), epoch, null),
            ]
        );

        Assert.Equal(
            [
                CreateResult.Created,
                CreateResult.IdTaken,
                CreateResult.Fenced,
                CreateResult.FencedByAccount,
                CreateResult.OrdinalTaken,
                CreateResult.OrdinalTaken,
                CreateResult.Created,
            ],
            results
        );
        Assert.Equal([6L, 2L, 1L], (await _store.ListByJob(TheJob, null, 10)).Select(run => run.Ordinal));
    }

    [Fact]
    public async Task Changes_that_cannot_be_fail_alone_each_with_its_reason()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        var account = await _store.ClaimAccountEpoch(TheJob.Account);
        var runs = new List<RunRecord>();
        for (var ordinal = 1; ordinal <= 6; ordinal++)
        {
            runs.Add(ARun().WithOrdinal(ordinal));
            await _store.TryCreate(runs[^1], epoch);
        }

        await _store.SaveIfUnchanged(runs[1].MovedTo(JobRunState.Stopped), 1);
        RunRecord never = ARun();
        Task<SaveResult> Start(RunRecord run, AdmissionEpochs? epochs = null) =>
            _store.SaveIfUnchanged(run.MovedTo(JobRunState.Starting), 1, epochs);
        var results = await InOneBatch<SaveResult>(() =>
            [
                Start(runs[0]),
                Start(runs[1]),
                Start(never),
                Start(runs[2], new AdmissionEpochs(epoch + 1, account)),
                Start(runs[3], new AdmissionEpochs(epoch, account + 1)),
                Start(runs[4], new AdmissionEpochs(epoch, account)),
                Start(runs[5], new AdmissionEpochs(epoch, null)),
            ]
        );

        Assert.Equal(
            [
                SaveResult.Saved,
                SaveResult.Stale,
                SaveResult.Gone,
                SaveResult.Fenced,
                SaveResult.FencedByAccount,
                SaveResult.Saved,
                SaveResult.Saved,
            ],
            results
        );
        Assert.Equal([1L, 5L, 6L], (await Starting()).Order());
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_fails_alone()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        RunRecord refused = ARun().WithOrdinal(50).WithSettings(settings => settings with { MaxCapacity = -1 });
        Task<CreateResult> guilty = null!;

        var results = await InOneBatch<CreateResult>(() =>
        {
            guilty = _store.TryCreate(refused, epoch);
            return [.. Enumerable.Range(1, 20).Select(ordinal => _store.TryCreate(ARun().WithOrdinal(ordinal), epoch))];
        });

        var mistake = await Assert.ThrowsAsync<ArgumentException>(() => guilty);
        Assert.Contains("dpus", mistake.Message, StringComparison.Ordinal);
        Assert.All(results, result => Assert.Equal(CreateResult.Created, result));
    }

    [Fact]
    public async Task A_successor_settles_its_predecessors_debt_in_the_same_transaction()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        RunRecord failed = ARun()
            .WithOrdinal(1)
            .InState(JobRunState.Failed)
            .With(run => run with { SuccessorDueAt = Accepted });
        await _store.TryCreate(failed, epoch);

        var results = await InOneBatch<CreateResult>(() =>
            [
                _store.TryCreate(ARun().WithOrdinal(2).OnAttempt(1, failed.Id).InState(JobRunState.Starting), epoch),
                _store.TryCreate(ARun().WithOrdinal(3), epoch),
            ]
        );

        Assert.Equal([CreateResult.Created, CreateResult.Created], results);
        Assert.Equal(1, await Transactions());
        Assert.Empty((await _store.LoadRoster(TheJob)).Owed);
    }

    /// <summary>No grain asks for the next write before it has the answer to the last, but they are kept in order all the same.</summary>
    [Fact]
    public async Task Writes_of_one_run_are_made_in_the_order_in_which_they_were_asked_for()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        RunRecord run = ARun();
        await _store.TryCreate(run, epoch);

        var results = await InOneBatch<SaveResult>(() =>
        {
            List<Task<SaveResult>> saves = [];
            foreach (
                var state in new[]
                {
                    JobRunState.Starting,
                    JobRunState.Running,
                    JobRunState.Stopping,
                    JobRunState.Stopped,
                }
            )
            {
                var next = run.MovedTo(state);
                saves.Add(_store.SaveIfUnchanged(next, run.Version));
                run = next;
            }

            return [.. saves];
        });

        Assert.All(results, result => Assert.Equal(SaveResult.Saved, result));
        Assert.Equal((5, JobRunState.Stopped), await Row(run.Id));
    }

    /// <summary>Somebody has a hand on one row: its run waits, and no other.</summary>
    [Fact]
    public async Task A_locked_row_holds_up_only_its_own_run()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        RunRecord[] runs = [ARun().WithOrdinal(1), ARun().WithOrdinal(2)];
        foreach (var run in runs)
            await _store.TryCreate(run, epoch);
        await using var hand = await database.Connect();
        await using var transaction = await hand.BeginTransactionAsync();
        await Execute(hand, $"SELECT FROM runs WHERE id = '{runs[0].Id}' FOR UPDATE");

        var held = _store.SaveIfUnchanged(runs[0].MovedTo(JobRunState.Starting), 1);
        var free = await _store.SaveIfUnchanged(runs[1].MovedTo(JobRunState.Starting), 1);

        Assert.Equal(SaveResult.Saved, free);
        Assert.False(held.IsCompleted);
        await transaction.CommitAsync();
        Assert.Equal(SaveResult.Saved, await held);
    }

    [Fact]
    public async Task A_claim_that_is_under_way_holds_up_only_the_runs_of_its_job()
    {
        var epoch = await _store.ClaimEpoch(TheJob);
        RunRecord other = ARun().OfJob("other");
        var otherEpoch = await _store.ClaimEpoch(other.Job);
        await using var claiming = await database.Connect();
        await using var transaction = await claiming.BeginTransactionAsync();
        await Execute(claiming, $"UPDATE job_epochs SET epoch = epoch + 1 WHERE job_name = '{TheJob.Name}'");

        var held = _store.TryCreate(ARun(), epoch);
        Assert.Equal(CreateResult.Created, await _store.TryCreate(other, otherEpoch));

        Assert.False(held.IsCompleted);
        await transaction.CommitAsync();
        Assert.Equal(CreateResult.Fenced, await held);
    }

    /// <summary>Two activations of many grains, on two silos, which Orleans does not rule out.</summary>
    [Fact]
    public async Task Two_silos_on_the_same_runs_never_block_each_other_and_one_of_them_wins_each_time()
    {
        await using var other = await PostgresStorage.Open(
            new PostgresStorageOptions { ConnectionString = database.ConnectionString }
        );
        IRunStore[] silos = [_storage.Runs, other.Runs];
        var epoch = await _store.ClaimEpoch(TheJob);
        RunRecord[] runs = [.. Enumerable.Range(1, 60).Select(ordinal => ARun().WithOrdinal(ordinal).Build())];
        var random = new Random(7);

        // Each silo in another order, so that whoever waits while it holds what it has would wait in circles.
        var created = await OnBoth((run, silo) => silo.TryCreate(run, epoch));
        Assert.All(created, pair => Assert.Equal([CreateResult.Created, CreateResult.IdTaken], pair.Order()));

        foreach (var state in new[] { JobRunState.Starting, JobRunState.Running, JobRunState.Succeeded })
        {
            for (var i = 0; i < runs.Length; i++)
                runs[i] = runs[i].MovedTo(state);
            var saved = await OnBoth((run, silo) => silo.SaveIfUnchanged(run, run.Version - 1));
            Assert.All(saved, pair => Assert.Equal([SaveResult.Saved, SaveResult.Stale], pair.Order()));
        }

        Assert.Equal(
            0,
            await database.Ask<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        );

        async Task<IEnumerable<T[]>> OnBoth<T>(Func<RunRecord, IRunStore, Task<T>> write)
        {
            var writes = silos.Select(silo =>
                runs.OrderBy(_ => random.Next()).Select(run => (run.Id, Answer: write(run, silo)))
            );
            var all = writes.SelectMany(ofSilo => ofSilo).ToList();
            await Task.WhenAll(all.Select(asked => asked.Answer));
            return all.GroupBy(asked => asked.Id, asked => asked.Answer.Result).Select(group => group.ToArray());
        }
    }

    /// <summary>One that waits for company for longer than any test.</summary>
    private RunWriter APatientWriter() =>
        new(_storage.Database, TimeSpan.FromSeconds(10), TimeProvider.System, company: TimeSpan.FromSeconds(30));

    /// <summary>The writes come to wait while another one's batch does not get at the table.</summary>
    private async Task<T[]> InOneBatch<T>(Func<Task<T>[]> writes)
    {
        await using var hand = await database.Connect();
        await using var transaction = await hand.BeginTransactionAsync();
        await Execute(hand, "LOCK TABLE runs IN EXCLUSIVE MODE");
        var before = _store.SaveIfUnchanged(ARun().AtVersion(2), 1);
        await WaitUntilBlocked(before);
        var waiting = writes();
        await transaction.CommitAsync();
        Assert.Equal(SaveResult.Gone, await before);
        return await Task.WhenAll(waiting);
    }

    private async Task WaitUntilBlocked(Task task)
    {
        const string blocked = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            """;
        while (await database.Ask<long>(blocked) == 0)
            Assert.False(task.IsCompleted, "It should have waited for the lock.");
    }

    /// <summary>How many have written the runs as they are now.</summary>
    private Task<long> Transactions() => database.Ask<long>("SELECT count(DISTINCT xmin::text) FROM runs");

    private async Task<List<long>> Starting() =>
        [
            .. (await _store.ListByJob(TheJob, null, 100))
                .Where(run => run.State == JobRunState.Starting)
                .Select(run => run.Ordinal),
        ];

    private async Task<(long, JobRunState)> Row(string id) =>
        await _store.Find(id) is { } run ? (run.Version, run.State) : default;

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
