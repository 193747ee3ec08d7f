using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage.Sqlite;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

/// <summary>A data folder of an earlier version: nothing in it may be lost or mean something else.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_of_the_first_version_keep_what_they_had_and_hold_what_they_hold()
    {
        WriteFirstVersion(
            """
            INSERT INTO runs (id, account, job_name, ordinal, version, state, ends_as, attempt, previous_run_id, started_on,
                running_since, last_modified_on, completed_on, due_at, error_message, settings)
            VALUES
            ('jr_1', '111111111111', 'Job – 日本', 1, 4, 'SUCCEEDED', NULL, 0, NULL, 1000, 2000, 3000, 3000, NULL, NULL,
             '{"ScriptArguments":{},"Command":{"Name":"glueetl"},"MaxCapacity":5,"JobMode":"SCRIPT","LogGroupName":"/l"}'),
            ('jr_2', '111111111111', 'Job – 日本', 2, 2, 'RUNNING', NULL, 0, 'jr_1', 4000, 5000, 5000, NULL, 605000, NULL,
             '{"ScriptArguments":{"--a":"1"},"Command":{"Name":"glueetl"},"Timeout":10,"MaxCapacity":0.0625,"ExecutionClass":"STANDARD","JobMode":"SCRIPT","LogGroupName":"/l"}'),
            ('jr_3', '111111111111', 'Job – 日本', 3, 1, 'STARTING', NULL, 0, NULL, 6000, NULL, 6000, NULL, 126000, NULL,
             '{"ScriptArguments":{},"Command":{"Name":"glueetl"},"MaxCapacity":10,"ExecutionClass":"FLEX","JobMode":"SCRIPT","LogGroupName":"/l"}'),
            ('jr_4', '111111111111', 'other', 1, 3, 'STOPPING', 'TIMEOUT', 0, NULL, 7000, 8000, 9000, NULL, 129000, 'Late.',
             '{"ScriptArguments":{},"Command":{"Name":"gluestreaming"},"JobMode":"SCRIPT","LogGroupName":"/l"}');
            INSERT INTO job_epochs (account, job_name, epoch) VALUES ('111111111111', 'other', 7);
            INSERT INTO job_names (account, name, settled) VALUES ('111111111111', 'other', 1);
            """
        );

        await using var storage = _folder.Open();
        var runs = storage.Runs;

        var ended = (await runs.Find("jr_1"))!;
        Assert.Equal(
            (JobRunState.Succeeded, 4, At(1000), At(2000), At(3000), At(3000), null, null),
            (
                ended.State,
                ended.Version,
                ended.StartedOn,
                ended.RunningSince!.Value,
                ended.LastModifiedOn,
                ended.CompletedOn!.Value,
                ended.DueAt,
                ended.SuccessorDueAt
            )
        );
        var running = (await runs.Find("jr_2"))!;
        Assert.Equal(
            ("jr_1", 10, "1"),
            (running.PreviousRunId, running.Settings.Timeout, running.Settings.ScriptArguments["--a"])
        );
        // What was due is what the state's deadline was: there was no other kind.
        Assert.Equal((At(605_000), At(605_000)), (running.DeadlineAt!.Value, running.DueAt!.Value));
        Assert.Equal((null, null, null), (running.TriggerName, running.StateDetail, running.DelayNotifiedIn));
        var stopping = (await runs.Find("jr_4"))!;
        Assert.Equal((JobRunState.Timeout, "Late."), (stopping.EndsAs!.Value, stopping.ErrorMessage));

        var account = await runs.LoadAccountRoster("111111111111");
        Assert.Equal(
            [
                new CapacityHolder("jr_2", 0.0625, IsFlex: false),
                new CapacityHolder("jr_3", 10, IsFlex: true),
                new CapacityHolder("jr_4", 0, IsFlex: false),
            ],
            account.Holders.OrderBy(holder => holder.RunId, StringComparer.Ordinal)
        );
        Assert.Empty(account.Waiting);
        Assert.Equal(["jr_3", "jr_4"], await runs.ListOverdue(At(200_000), 10));
        Assert.Equal(["jr_2", "jr_3", "jr_4"], await runs.ListUnfinished(null, 10));

        // They go on from there, and nobody else's claims are forgotten.
        Assert.Equal(8, await runs.ClaimEpoch(new JobKey("111111111111", "other")));
        Assert.Equal(SaveResult.Saved, await runs.SaveIfUnchanged(stopping.MovedTo(JobRunState.Timeout), 3));
        Assert.Equal(CreateResult.IdTaken, await runs.TryCreate(ARun().WithId("jr_1")));
        Assert.Equal(
            CreateResult.OrdinalTaken,
            await runs.TryCreate(ARun().OfJob(new JobKey("111111111111", "Job – 日本")).WithOrdinal(3))
        );
        Assert.Equal(new BookmarkHead(0, null), await storage.Bookmarks.Read(new JobKey("111111111111", "other")));
        Assert.Equal(["other"], await storage.JobNames.ListNames("111111111111", null, 10));
    }

    [Fact]
    public async Task A_migrated_file_has_the_schema_of_a_new_one()
    {
        WriteFirstVersion("");
        await using (_folder.Open()) { }
        using var fresh = new TemporaryFolder();
        await using (fresh.Open()) { }

        Assert.Equal(Schema(fresh), Schema(_folder));
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private void WriteFirstVersion(string rows)
    {
        using var connection = SqliteFile.OpenOrCreate(_folder.Options.RunsFile);
        SqliteFile.Execute(connection, Migration("0001_runs"));
        SqliteFile.Execute(connection, rows);
        SqliteFile.Execute(
            connection,
            $"PRAGMA application_id = {SqliteSchema.ApplicationId}; PRAGMA user_version = 1;"
        );
    }

    private static string Migration(string name)
    {
        var assembly = typeof(SqliteStorage).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(it => it.Contains(name, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    private static string Schema(TemporaryFolder folder)
    {
        using var connection = SqliteFile.Open(folder.Options.RunsFile);
        return (string)
            SqliteFile.Scalar(
                connection,
                "SELECT group_concat(name || ': ' || coalesce(sql, 'auto'), char(10)) FROM (SELECT name, sql FROM sqlite_schema ORDER BY name)"
            )!;
    }
}
