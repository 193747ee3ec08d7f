using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Npgsql;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>
/// What one silo has written and not committed yet, another one waits for; and when it goes on, it knows. In each test a
/// transaction by hand is the first silo, held where its statement would be.
/// </summary>
public sealed class WaitingTests(PostgresDatabaseFixture database)
    : IClassFixture<PostgresDatabaseFixture>,
        IAsyncLifetime
{
    private PostgresStorage _storage = null!;

    public async ValueTask InitializeAsync() => _storage = await database.Emptied();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_creation_that_waited_for_a_claim_is_fenced_by_it()
    {
        var epoch = await _storage.Runs.ClaimEpoch(TheJob);

        var result = await During(
            "UPDATE job_epochs SET epoch = epoch + 1",
            () => _storage.Runs.TryCreate(ARun(), epoch)
        );

        Assert.Equal(CreateResult.Fenced, result);
        Assert.Equal(0, (await _storage.Runs.LoadRoster(TheJob)).LastOrdinal);
    }

    [Fact]
    public async Task A_creation_under_no_epoch_that_waited_for_the_first_claim_is_fenced_by_it()
    {
        var result = await During(
            $"INSERT INTO job_epochs (account, job_name, epoch) VALUES ('{TheJob.Account}', '{TheJob.Name}', 1)",
            () => _storage.Runs.TryCreate(ARun())
        );

        Assert.Equal(CreateResult.Fenced, result);
    }

    [Fact]
    public async Task A_creation_that_waited_for_a_claim_of_the_account_is_fenced_by_it()
    {
        var job = await _storage.Runs.ClaimEpoch(TheJob);
        var account = await _storage.Runs.ClaimAccountEpoch(TheJob.Account);

        var result = await During(
            "UPDATE account_epochs SET epoch = epoch + 1",
            () => _storage.Runs.TryCreate(ARun(), new AdmissionEpochs(job, account))
        );

        Assert.Equal(CreateResult.FencedByAccount, result);
    }

    [Fact]
    public async Task An_admission_that_waited_for_a_claim_is_fenced_by_it()
    {
        var job = await _storage.Runs.ClaimEpoch(TheJob);
        var account = await _storage.Runs.ClaimAccountEpoch(TheJob.Account);
        RunRecord run = ARun();
        await _storage.Runs.TryCreate(run, job);

        Task<SaveResult> Admit() =>
            _storage.Runs.SaveIfUnchanged(run.MovedTo(JobRunState.Starting), 1, new AdmissionEpochs(job, account));
        var byAccount = await During("UPDATE account_epochs SET epoch = epoch + 1", Admit);
        var byJob = await During("UPDATE job_epochs SET epoch = epoch + 1", Admit);

        Assert.Equal((SaveResult.FencedByAccount, SaveResult.Fenced), (byAccount, byJob));
        Assert.Equal(JobRunState.Waiting, (await _storage.Runs.Find(run.Id))!.State);
    }

    /// <summary>Or a roster that is loaded after the claim would miss the run.</summary>
    [Theory]
    [InlineData("job_epochs")]
    [InlineData("account_epochs")]
    public async Task A_claim_waits_for_creations_under_the_epoch_it_ends(string epochs)
    {
        var job = await _storage.Runs.ClaimEpoch(TheJob);
        var account = await _storage.Runs.ClaimAccountEpoch(TheJob.Account);
        RunRecord run = ARun().InState(JobRunState.Starting);
        await using var creating = await database.Connect();
        await using var transaction = await creating.BeginTransactionAsync();
        await using (var batch = creating.CreateBatch())
        {
            batch.BatchCommands.Add(
                RunSql.Create.With([
                    .. RunRow.Origin(run),
                    .. RunRow.Progress(run),
                    ("@jobEpoch", Value.Of(job)),
                    ("@accountEpoch", Value.Of(account)),
                ])
            );
            Assert.Equal(1, await batch.ExecuteNonQueryAsync());
        }

        var claim =
            epochs == "job_epochs" ? _storage.Runs.ClaimEpoch(TheJob) : _storage.Runs.ClaimAccountEpoch(TheJob.Account);
        await WaitUntilBlocked(claim);
        await transaction.CommitAsync();
        await claim;

        Assert.Equal([run.Id], (await _storage.Runs.LoadRoster(TheJob)).SlotHolders);
    }

    [Fact]
    public async Task A_save_that_waited_for_another_is_stale()
    {
        RunRecord run = ARun().InState(JobRunState.Starting);
        await _storage.Runs.TryCreate(run);

        var result = await During(
            "UPDATE runs SET version = version + 1",
            () => _storage.Runs.SaveIfUnchanged(run.MovedTo(JobRunState.Running), 1)
        );

        Assert.Equal(SaveResult.Stale, result);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_entry_that_waited_for_another_is_not_written_and_neither_is_its_run(int revision)
    {
        RunRecord run = ARun().InState(JobRunState.Running);
        await _storage.Runs.TryCreate(run);
        if (revision == 2)
            Assert.True(await _storage.Bookmarks.AppendIfUnchanged(Entry(1)));
        var other =
            revision == 1
                ? "INSERT INTO bookmark_heads (account, job_name, revision, era)"
                    + $" VALUES ('{TheJob.Account}', '{TheJob.Name}', 1, 0)"
                : "UPDATE bookmark_heads SET revision = revision + 1";

        var saved = await During(
            other,
            () =>
                _storage.Runs.SaveIfUnchanged(
                    run.MovedTo(JobRunState.Succeeded),
                    1,
                    bookmark: Entry(revision) with
                    {
                        RunId = run.Id,
                    }
                )
        );
        Assert.Equal(SaveResult.BookmarkStale, saved);
        Assert.Equal(1, (await _storage.Runs.Find(run.Id))!.Version);

        var appended = await During(
            "UPDATE bookmark_heads SET revision = revision + 1",
            () => _storage.Bookmarks.AppendIfUnchanged(Entry(revision + 1))
        );
        Assert.False(appended);
        Assert.Equal(revision - 1, (await _storage.Bookmarks.List(TheJob, null, 10)).Count);
    }

    [Fact]
    public async Task A_run_that_waited_for_its_row_takes_its_bookmark_back_with_it()
    {
        RunRecord run = ARun().InState(JobRunState.Running);
        await _storage.Runs.TryCreate(run);

        var saved = await During(
            "UPDATE runs SET version = version + 1",
            () =>
                _storage.Runs.SaveIfUnchanged(
                    run.MovedTo(JobRunState.Succeeded),
                    1,
                    bookmark: Entry(1) with
                    {
                        RunId = run.Id,
                    }
                )
        );

        Assert.Equal(SaveResult.Stale, saved);
        Assert.Equal(new BookmarkHead(0, null), await _storage.Bookmarks.Read(TheJob));
        Assert.Empty(await _storage.Bookmarks.List(TheJob, null, 10));
    }

    [Fact]
    public async Task A_deletion_that_waited_for_an_entry_removes_it_too()
    {
        Assert.True(await _storage.Bookmarks.AppendIfUnchanged(Entry(1)));

        await During(
            """
            UPDATE bookmark_heads SET revision = 2;
            INSERT INTO bookmark_entries SELECT account, job_name, 2, 1, 1, 1, NULL, NULL, '{}' FROM bookmark_heads
            """,
            async () =>
            {
                await _storage.Bookmarks.Delete(TheJob);
                return 0;
            }
        );

        Assert.Empty(await _storage.Bookmarks.List(TheJob, null, 10));
        Assert.Equal(new BookmarkHead(3, null, Era: 3), await _storage.Bookmarks.Read(TheJob));
    }

    [Fact]
    public async Task A_name_that_waited_for_the_last_place_does_not_get_it()
    {
        var added = await During(
            $"""
            SELECT pg_advisory_xact_lock({JobNameSql.LockClass}, hashtext('{TheJob.Account}'));
            INSERT INTO job_names (account, name, settled) VALUES ('{TheJob.Account}', 'first', false)
            """,
            () => _storage.JobNames.TryMarkUnsettled(TheJob, mostNames: 1)
        );

        Assert.False(added);
    }

    [Fact]
    public async Task A_lease_is_judged_after_the_wait_for_its_row()
    {
        var nodes = _storage.ExecutorNodes;
        var request = new LeaseRequest("a", "folder", "process", true, 0, 0, TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await nodes.Acquire(request)).Tenure!.Epoch);

        var lost = await During(
            "UPDATE executor_nodes SET epoch = epoch + 1, expires_at = NULL",
            () => nodes.Acquire(request)
        );
        Assert.Equal(new LeaseAnswer(new ExecutorTenure("a", 3)), lost);

        var renewed = await During(
            "UPDATE executor_nodes SET expires_at = clock_timestamp() - interval '1 s'",
            () => nodes.Renew(lost.Tenure!, request)
        );
        Assert.False(renewed);

        var taken = await During(
            "UPDATE executor_nodes SET epoch = 4, folder = 'other', expires_at = clock_timestamp() + interval '1 min'",
            () => nodes.Acquire(request)
        );
        Assert.Null(taken.Tenure);
        Assert.InRange(taken.TakenFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Nodes_are_declared_lost_without_waiting_for_one_that_is_just_being_renewed()
    {
        var nodes = _storage.ExecutorNodes;
        foreach (var node in new[] { "a", "b" })
            await nodes.Acquire(new LeaseRequest(node, "folder", "process", true, 0, 0, TimeSpan.FromMinutes(1)));
        await database.Execute("UPDATE executor_nodes SET expires_at = clock_timestamp()");
        await using var renewing = await database.Connect();
        await using var transaction = await renewing.BeginTransactionAsync();
        await using (
            var command = new NpgsqlCommand(
                "UPDATE executor_nodes SET expires_at = clock_timestamp() + interval '1 min' WHERE name = 'a'",
                renewing
            )
        )
            await command.ExecuteNonQueryAsync();

        Assert.Equal([new ExecutorTenure("b", 1)], await nodes.FenceExpired());
        await transaction.CommitAsync();
        Assert.Empty(await nodes.FenceExpired());
    }

    /// <summary>The provider's own statement: a member's sign of life must not undo, nor be taken for, a change of it.</summary>
    [Fact]
    public async Task A_change_of_a_member_that_waited_for_its_sign_of_life_is_made()
    {
        await database.Execute(
            """
            TRUNCATE OrleansMembershipTable, OrleansMembershipVersionTable;
            INSERT INTO OrleansMembershipVersionTable VALUES ('cluster', 4);
            INSERT INTO OrleansMembershipTable VALUES ('cluster', '127.0.0.1', 1, 1, 's', 'h', 3, 2, NULL, now(), now())
            """
        );
        var text = await database.Ask<string>(
            "SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'UpdateMembershipKey'"
        );

        async Task<int> Declare(int status, int version)
        {
            await using var command = _storage.DataSource.CreateCommand(text);
            command.Parameters.AddWithValue("DeploymentId", "cluster");
            command.Parameters.AddWithValue("Address", "127.0.0.1");
            command.Parameters.AddWithValue("Port", 1);
            command.Parameters.AddWithValue("Generation", 1);
            command.Parameters.AddWithValue("Status", status);
            command.Parameters.AddWithValue("SuspectTimes", "now");
            command.Parameters.AddWithValue("IAmAliveTime", Accepted.UtcDateTime);
            command.Parameters.AddWithValue("Version", version);
            return (int)(await command.ExecuteScalarAsync())!;
        }

        var afterSignOfLife = await During(
            "UPDATE OrleansMembershipTable SET IAmAliveTime = clock_timestamp()",
            () => Declare(status: 6, version: 4)
        );
        Assert.Equal(1, afterSignOfLife);
        Assert.Equal(6, await database.Ask<int>("SELECT Status FROM OrleansMembershipTable"));

        var afterAnother = await During(
            "UPDATE OrleansMembershipVersionTable SET Version = Version + 1",
            () => Declare(status: 3, version: 5)
        );
        Assert.Equal(0, afterAnother);
        Assert.Equal(6, await database.Ask<int>("SELECT Status FROM OrleansMembershipTable"));
        Assert.Equal(6, await database.Ask<int>("SELECT Version FROM OrleansMembershipVersionTable"));
    }

    private static BookmarkEntry Entry(long revision) =>
        new()
        {
            Job = TheJob,
            Revision = revision,
            Version = (int)revision,
            Run = 1,
            Attempt = 0,
            State = "{}",
        };

    /// <summary>Runs <paramref name="second"/> while the first statement is made and not committed; it has to wait for that.</summary>
    private async Task<T> During<T>(string first, Func<Task<T>> second)
    {
        await using var connection = await database.Connect();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand(first, connection))
            await command.ExecuteNonQueryAsync();
        var waiting = second();
        await WaitUntilBlocked(waiting);
        await transaction.CommitAsync();
        return await waiting;
    }

    /// <summary>Until the database says that somebody waits for a lock in it. A task that ends first did not wait.</summary>
    private async Task WaitUntilBlocked(Task task)
    {
        const string blocked = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            """;
        while (await database.Ask<long>(blocked) == 0)
            Assert.False(task.IsCompleted, "It should have waited for the transaction that is under way.");
    }
}
