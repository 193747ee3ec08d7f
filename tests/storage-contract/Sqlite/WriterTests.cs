using System.Globalization;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage.Sqlite;
using GlueOrleans.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

/// <summary>The group-commit writer when something goes wrong below it, or when it cannot keep up.</summary>
public sealed class WriterTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage _storage = null!;

    public ValueTask InitializeAsync()
    {
        _storage = _folder.Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A limit on the pages of the file fails in the same way as a disk without space: SQLITE_FULL.</summary>
    [Fact]
    public async Task A_full_disk_fails_the_writes_and_service_resumes_when_there_is_space_again()
    {
        RunRecord before = ARun();
        Assert.Equal(CreateResult.Created, await _storage.Runs.TryCreate(before));
        await LimitPages(1);

        for (var ordinal = 2; ordinal <= 4; ordinal++)
        {
            var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
                _storage.Runs.TryCreate(ALargeRun(ordinal))
            );
            Assert.Contains(_folder.Options.RunsFile, failure.Message, StringComparison.Ordinal);
            Assert.Contains("full", failure.Message, StringComparison.Ordinal);
            Assert.Contains("Free space", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await _storage.Runs.LoadRoster(TheJob)).LastOrdinal);
        Assert.NotNull(await _storage.Runs.Find(before.Id));

        await LimitPages(1_000_000);
        Assert.Equal(CreateResult.Created, await _storage.Runs.TryCreate(ALargeRun(2)));
        Assert.Equal(2, (await _storage.Runs.LoadRoster(TheJob)).LastOrdinal);
    }

    [Fact]
    public async Task A_failed_batch_leaves_nothing_of_itself()
    {
        await LimitPages(1);

        // The first of them would fit; all are one batch, because the writer is held up until all are queued.
        var writes = await InOneBatch(() =>
            [
                _storage.Runs.TryCreate(ARun().WithOrdinal(1)),
                _storage.Runs.TryCreate(ALargeRun(2)),
                _storage.Runs.TryCreate(ARun().WithOrdinal(3)),
            ]
        );

        foreach (var write in writes)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => write);
        Assert.Empty(await _storage.Runs.ListByJob(TheJob, null, 10));
    }

    [Fact]
    public async Task A_row_that_breaks_the_schema_fails_alone()
    {
        var writes = await InOneBatch(() =>
            [
                _storage.Runs.TryCreate(ARun().WithOrdinal(1)),
                _storage.Database.Write(session =>
                {
                    session.Execute("INSERT INTO job_names (account, name, settled) VALUES ('a', 'b', 7)");
                    return CreateResult.Created;
                }),
                _storage.Runs.TryCreate(ARun().WithOrdinal(2)),
            ]
        );

        Assert.Equal(CreateResult.Created, await writes[0]);
        await Assert.ThrowsAsync<ArgumentException>(() => writes[1]);
        Assert.Equal(CreateResult.Created, await writes[2]);
    }

    /// <summary>A run and its bookmark are several statements: what came before the one that fails must not stay.</summary>
    [Fact]
    public async Task A_row_that_fails_takes_its_own_statements_with_it_and_no_others()
    {
        RunRecord running = ARun().InState(JobRunState.Running);
        await _storage.Runs.TryCreate(running);
        var ended = running.MovedTo(JobRunState.Succeeded);
        var entry = new BookmarkEntry
        {
            Job = TheJob,
            Revision = 1,
            Version = 1,
            Run = 1,
            Attempt = 0,
            RunId = ended.Id,
            State = "{}",
        };
        // In the entry's way: an entry without its head, which nobody writes.
        await _storage.Database.Write(session =>
            session.Execute(
                "INSERT INTO bookmark_entries (account, job_name, revision, version, run, attempt, state) "
                    + "VALUES (@account, @job, 1, 1, 1, 0, '{}')",
                ("@account", TheJob.Account),
                ("@job", TheJob.Name)
            )
        );

        using var goOn = new ManualResetEventSlim();
        var hold = Hold(goOn);
        await hold.Reached;
        var success = _storage.Runs.SaveIfUnchanged(ended, running.Version, bookmark: entry);
        var neighbour = _storage.Runs.TryCreate(ARun().WithOrdinal(2));
        goOn.Set();

        await Assert.ThrowsAsync<ArgumentException>(() => success);
        Assert.Equal(CreateResult.Created, await neighbour);
        Assert.Equal(JobRunState.Running, (await _storage.Runs.Find(ended.Id))!.State);
        Assert.Equal(0, (await _storage.Bookmarks.Read(TheJob)).Revision);
    }

    [Fact]
    public async Task A_mistake_in_the_program_fails_alone_in_its_batch()
    {
        using var goOn = new ManualResetEventSlim();
        var busy = Hold(goOn);
        await busy.Reached;
        // Both wait for the writer, and so come into one batch.
        var mistake = _storage.Database.Write<int>(_ => throw new InvalidOperationException("A mistake."));
        var run = _storage.Runs.TryCreate(ARun());
        goOn.Set();

        var failure = await Assert.ThrowsAsync<ArgumentException>(() => mistake);
        Assert.Contains("A mistake.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(CreateResult.Created, await run);
    }

    [Fact]
    public async Task Reads_do_not_wait_for_a_writer_that_is_busy_and_see_only_what_is_committed()
    {
        RunRecord run = ARun();
        await _storage.Runs.TryCreate(run);
        using var goOn = new ManualResetEventSlim();
        var change = Hold(goOn, first: "UPDATE runs SET state = 'STARTING', version = 2");
        await change.Reached;

        AssertUnchanged(await _storage.Runs.Find(run.Id));
        AssertUnchanged(Assert.Single(await _storage.Runs.ListByJob(TheJob, null, 10)));
        Assert.Empty((await _storage.Runs.LoadRoster(TheJob)).SlotHolders);

        goOn.Set();
        await change.Done;
        Assert.Equal(JobRunState.Starting, (await _storage.Runs.Find(run.Id))!.State);

        static void AssertUnchanged(RunRecord? found) =>
            Assert.Equal((1, JobRunState.Waiting), (found!.Version, found.State));
    }

    [Fact]
    public async Task A_read_connection_refuses_to_write()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            _storage.Database.Read(session => session.Execute("DELETE FROM runs"))
        );
    }

    [Fact]
    public async Task A_file_locked_by_another_process_fails_the_write_and_says_so()
    {
        using (var other = SqliteFile.Open(_folder.Options.RunsFile))
        {
            SqliteFile.Execute(other, "BEGIN IMMEDIATE");
            var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => _storage.Runs.TryCreate(ARun()));
            Assert.Contains("Another process", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(CreateResult.Created, await _storage.Runs.TryCreate(ARun()));
    }

    [Fact]
    public async Task A_queue_that_stays_full_refuses_what_does_not_fit()
    {
        var clock = new FakeTimeProvider();
        await using var database = new SqliteDatabase(_folder.Options.RunsFile, clock, writeQueueLength: 1);
        using var goOn = new ManualResetEventSlim();
        var hold = Hold(goOn, database);
        await hold.Reached;

        var queued = database.Write(_ => 1);
        var waiting = database.Write(_ => 2);
        Assert.False(waiting.IsCompleted);
        clock.Advance(GroupCommitWriter.Patience);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting);
        Assert.Contains("queue was full", refusal.Message, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => queued);
        Assert.Contains("was not made", refusal.Message, StringComparison.Ordinal);
        goOn.Set();
        await hold.Done;
        Assert.Equal(3, await database.Write(_ => 3));
    }

    [Fact]
    public async Task A_write_whose_turn_does_not_come_in_time_is_refused_and_never_made()
    {
        var clock = new FakeTimeProvider();
        await using var database = new SqliteDatabase(_folder.Options.RunsFile, clock, writeQueueLength: 10);
        using var goOn = new ManualResetEventSlim();
        var hold = Hold(goOn, database);
        await hold.Reached;
        var isMade = false;
        var late = database.Write(_ => isMade = true);

        clock.Advance(GroupCommitWriter.Patience);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => late);

        goOn.Set();
        await hold.Done;
        await database.Write(_ => 0);
        Assert.False(isMade);
    }

    /// <summary>A disk that does not answer keeps the writer's thread for as long as it likes, and its callers not.</summary>
    [Fact]
    public async Task A_write_that_is_not_committed_in_time_is_in_doubt_and_may_be_made_yet()
    {
        var clock = new FakeTimeProvider();
        await using var database = new SqliteDatabase(_folder.Options.RunsFile, clock, writeQueueLength: 10);
        using var goOn = new ManualResetEventSlim();
        var hold = Hold(goOn, database, first: "INSERT INTO job_names (account, name, settled) VALUES ('a', 'b', 1)");
        await hold.Reached;

        clock.Advance(GroupCommitWriter.Patience);
        Assert.False(hold.Done.IsCompleted);
        await AdvanceUntilCompleted(clock, hold.Done);
        var doubt = await Assert.ThrowsAsync<StoreUnavailableException>(() => hold.Done);
        Assert.Contains("has not committed", doubt.Message, StringComparison.Ordinal);

        goOn.Set();
        Assert.Equal(
            1,
            await database.Write(session =>
                session.Query("SELECT count(*) FROM job_names", row => row.GetInt32(0)).Single()
            )
        );
    }

    /// <summary>The second wait begins some time after the first has ended, on another thread.</summary>
    private static async Task AdvanceUntilCompleted(FakeTimeProvider clock, Task task)
    {
        while (!task.IsCompleted)
        {
            clock.Advance(GroupCommitWriter.Patience);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Both_kinds_of_connections_flush_every_commit_to_the_disk()
    {
        const int full = 2;
        var writer = await _storage.Database.Write(session =>
            session.Query("PRAGMA synchronous", row => row.GetInt32(0)).Single()
        );
        Assert.Equal(full, writer);

        // What Orleans' provider gets: its connection string can say nothing about this, so the default must be right.
        await using var connection = new SqliteConnection(_folder.Options.GrainStateConnectionString);
        await connection.OpenAsync();
        Assert.Equal((long)full, SqliteFile.Scalar(connection, "PRAGMA synchronous"));
        Assert.Equal("wal", SqliteFile.Scalar(connection, "PRAGMA journal_mode"));
    }

    private static RunRecord ALargeRun(int ordinal) => ARun().WithOrdinal(ordinal).WithError(new string('x', 100_000));

    private Task<long> LimitPages(int pages) =>
        _storage.Database.Write(session =>
            session
                .Query(
                    string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}"),
                    row => row.GetInt64(0)
                )
                .Single()
        );

    /// <summary>Holds the writer's thread up, with a transaction open, until the event is set.</summary>
    private (Task Reached, Task Done) Hold(
        ManualResetEventSlim goOn,
        SqliteDatabase? database = null,
        string first = "SELECT 1"
    )
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = (database ?? _storage.Database).Write(session =>
        {
            session.Execute(first);
            reached.SetResult();
            goOn.Wait();
            return 0;
        });
        return (reached.Task, done);
    }

    private async Task<Task<CreateResult>[]> InOneBatch(Func<Task<CreateResult>[]> writes)
    {
        using var goOn = new ManualResetEventSlim();
        var hold = Hold(goOn);
        await hold.Reached;
        var queued = writes();
        goOn.Set();
        await hold.Done;
        return queued;
    }
}
