using GlueOrleans.Executors;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>What a node does with its scripts when it keeps, loses and gets its lease.</summary>
public sealed class LeaseTests : LeaseTest
{
    [Fact]
    public async Task A_node_with_a_lease_launches_under_it_and_says_so_in_its_reports()
    {
        var node = await StartReady();

        var (run, _) = await Running(node);

        Assert.Equal(new ExecutorTenure(Name, 1), Assert.Single(Reports.Of(run.Id)).Executor);
        await Until(() => Leases.Last!.IsAccepting, "the cluster is told that the node takes runs");
    }

    [Fact]
    public async Task A_launch_under_a_tenure_that_is_over_is_refused_and_leaves_nothing()
    {
        var node = await StartReady();
        var run = ARun(Forever) with { Executor = new ExecutorTenure(Name, 7), Version = 4 };

        await node.Executor.Launch(run);

        var report = await Reports.Next<RunReport.NoRoom>(run.Id);
        Assert.Equal((4, run.Executor), (report.Version, report.Executor));
        Assert.False(Directory.Exists(Path.Combine(RunsFolder, run.Id)));
    }

    [Fact]
    public async Task A_node_without_a_lease_launches_nothing_and_waits_for_the_database()
    {
        Leases.IsAway = true;
        var node = await Start();
        var run = ARun(Forever) with { Executor = new ExecutorTenure(Name, 1) };
        await node.Executor.Launch(run);
        await Reports.Next<RunReport.NoRoom>(run.Id);
        Assert.NotNull(node.Executor.WhyNotReady);

        Leases.IsAway = false;

        await Until(() => node.Tenure.WhyNoLaunch is null, "it has its lease");
    }

    [Fact]
    public async Task A_node_waits_while_another_folder_has_its_name()
    {
        // For longer than a refusal takes.
        var other = new LeaseRequest(Name, "other", "other", true, 0, 0, TimeSpan.FromSeconds(3));
        var tenure = (await Leases.Acquire(other)).Tenure;
        var node = await Start();
        await Until(() => node.Tenure.IsAnothers, "it has heard of the other");

        var run = ARun(Forever) with { Executor = tenure };
        await node.Executor.Launch(run);
        Assert.False(await node.Executor.Forget(run.Id));
        await Until(() => node.Tenure.Current is not null, "the other's lease has run out");

        Assert.Equal(2, node.Tenure.Current!.Epoch);
        // The other machine may be starting it.
        Assert.Empty(Reports.Of(run.Id));
    }

    [Fact]
    public async Task A_disk_that_is_full_costs_no_lease()
    {
        var node = await StartReady();
        // No other file can be made.
        Directory.CreateDirectory(Path.Combine(RunsFolder, "lease.draft"));

        var renewals = Leases.Renewals;
        await Until(() => Leases.Renewals > renewals + 10, "the lease has been renewed for longer than it lasts");

        Assert.Equal(1, node.Tenure.Current?.Epoch);
    }

    [Fact]
    public async Task A_script_is_asked_to_end_in_time_also_when_the_database_does_not_answer()
    {
        Options.Lease = TimeSpan.FromSeconds(6);
        var node = await StartReady();
        var (run, pid) = await Running(node);

        Leases.IsSilent = true;
        await Until(() => !IsAlive(pid), "the script is ended");

        var directory = new RunDirectory(RunsFolder, run.Id);
        await Until(() => directory.ReadExit() is { ExitCode: 143 }, "it was by SIGTERM");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_script_cannot_hide_nor_can_what_else_lies_in_the_folder_keep_others_from_ending_it(
        bool isKilled
    )
    {
        var node = await StartReady();
        Directory.CreateDirectory(Path.Combine(RunsFolder, "lost+found"));
        Directory.CreateDirectory(Path.Combine(RunsFolder, "jr_0", "child"));
        var here = ASignpost();
        var pids = new List<string>();
        for (var i = 0; i < 2; i++)
            pids.Add((await Running(node, "os.remove('child'); os.mkdir('fenced')\n" + here.Python + Stubborn)).Pid);
        await Written(here.File);

        if (isKilled)
            await node.Kill();
        else
            Leases.IsAway = true;

        await Until(() => !pids.Any(IsAlive), "the scripts are ended");
    }

    [Fact]
    public async Task A_database_that_is_away_for_less_than_the_lease_harms_nothing()
    {
        var node = await StartReady();
        var (run, pid) = await Running(node);
        Leases.IsAway = true;
        await Until(() => Left < TimeSpan.FromSeconds(2), "renewals have failed for a while");

        Leases.IsAway = false;
        var renewals = Leases.Renewals;
        await Until(() => Leases.Renewals > renewals + 10, "the lease has been renewed for longer than it lasts");

        Assert.True(IsAlive(pid));
        Assert.Equal(1, node.Tenure.Current!.Epoch);
        Assert.Single(Reports.Of(run.Id));
    }

    [Fact]
    public async Task A_node_that_is_cut_off_ends_its_scripts_in_time_and_says_nothing_of_them()
    {
        var node = await StartReady();
        var (polite, politePid) = await Running(node);
        var (stubborn, stubbornPid) = await Running(node, Stubborn);
        Leases.IsAway = true;
        var ends = new LeaseFile(RunsFolder).Read()!.Ends;

        await Until(() => !IsAlive(politePid) && !IsAlive(stubbornPid), "the scripts are ended");

        Assert.True(Uptime.Now() < ends + TimeSpan.FromSeconds(0.3), $"{Uptime.Now() - ends} too late");
        Assert.Null(node.Tenure.Current);
        await Until(() => !node.Executor.Knows(polite.Id) && !node.Executor.Knows(stubborn.Id), "they are forgotten");
        Assert.Single(Reports.Of(polite.Id));
        Assert.Single(Reports.Of(stubborn.Id));
    }

    /// <summary>The database may not have seen the lease run out: then the runs are still the node's.</summary>
    [Fact]
    public async Task A_node_that_gets_its_old_tenure_back_tells_what_became_of_its_runs()
    {
        var node = await StartReady();
        var (run, pid) = await Running(node);
        Leases.IsAway = true;
        await Leases.Prolong(node.Tenure.Current!, TimeSpan.FromHours(1));
        await Until(() => !IsAlive(pid), "the scripts are ended");
        await Until(() => !node.Executor.Knows(run.Id), "they are forgotten");

        Leases.IsAway = false;
        await Until(() => node.Tenure.WhyNoLaunch is null, "the node takes runs again");
        await node.Executor.Resume(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal((143, run.Executor), (exit.ExitCode, exit.Executor));
        Assert.StartsWith("The executor node could not renew its lease", exit.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_was_declared_lost_ends_its_scripts_and_begins_a_new_tenure_with_nothing()
    {
        var node = await StartReady();
        var (run, pid) = await Running(node, Stubborn);
        Leases.DeclareLost();

        await Until(() => node.Tenure.WhyNoLaunch is null && node.Tenure.Current!.Epoch > 1, "it has a new tenure");

        Assert.False(IsAlive(pid));
        await node.Executor.Resume(run);
        await node.Executor.Launch(run);
        Assert.False(node.Executor.Knows(run.Id));
        Assert.Single(Reports.Of(run.Id));
    }

    [Fact]
    public async Task The_next_process_on_the_folder_finds_the_scripts_and_goes_on_under_the_same_epoch()
    {
        var before = await StartReady();
        var (run, pid) = await Running(before);
        var guard = Guard.Process;
        await before.Kill();

        var node = await StartReady();
        await node.Executor.Resume(run);
        await node.Executor.Stop(run);

        Assert.True((await Reports.Next<RunReport.Exited>(run.Id)).AfterStop);
        Assert.False(IsAlive(pid));
        Assert.Equal(before.Tenure.Current ?? run.Executor, node.Tenure.Current);
        Assert.Equal(guard, Guard.Process);
    }

    /// <summary>If the answer was lost that would have said that the tenure is a new one, as well.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_new_tenure_ends_what_an_earlier_one_left_before_it_takes_runs(int answersToLose)
    {
        var before = await StartReady();
        var (_, pid) = await Running(before, Stubborn);
        await before.Kill();
        Posix.Kill(Guard.Process!.Value.Pid, Posix.Sigkill);
        Leases.DeclareLost();
        Leases.AnswersToLose = answersToLose;
        var livedWhenReady = false;

        var node = await Start();
        await Until(
            () =>
            {
                var isReady = node.Tenure.Current is not null;
                livedWhenReady |= isReady && IsAlive(pid);
                return isReady;
            },
            "it has a new tenure"
        );

        Assert.False(livedWhenReady);
        Assert.True(node.Tenure.Current!.Epoch > 1);
    }

    [Fact]
    public async Task A_graceful_stop_takes_no_more_runs_and_prolongs_the_lease_for_a_restart()
    {
        var node = await StartReady();
        var (run, pid) = await Running(node);

        await node.Keeper.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal((false, Options.RestartGrace), (Leases.Last!.IsAccepting, Leases.Last.Lasts));
        Assert.True(Left > Options.RestartGrace - TimeSpan.FromSeconds(10), $"{Left}");
        var late = await Placed(node, Forever);
        await node.Executor.Launch(late);
        await Reports.Next<RunReport.NoRoom>(late.Id);
        Assert.True(IsAlive(pid));

        await node.Kill();
        var next = await StartReady();
        await next.Executor.Resume(run);
        Assert.True(next.Executor.Knows(run.Id));
        await Until(() => Left <= Options.Lease, "the lease is a short one again");
        Assert.Equal(1, next.Tenure.Current!.Epoch);
    }

    /// <summary>Else the database could give the runs away while the file, and so the guard, has them go on.</summary>
    [Fact]
    public async Task The_lease_that_was_prolonged_is_not_shortened_before_the_file_says_so()
    {
        var before = await StartReady();
        await Running(before);
        await before.Keeper.StopAsync(TestContext.Current.CancellationToken);
        await before.Kill();
        var asked = new List<TimeSpan>();
        Leases.OnAcquire = request => asked.Add(request.Lasts - Left);

        await StartReady();

        Assert.True(Assert.Single(asked) > TimeSpan.FromSeconds(-1), $"{asked[0]}");
    }

    /// <summary>Others that stop before it may have used up the host's patience.</summary>
    [Fact]
    public async Task A_stop_that_is_hurried_and_asked_for_twice_prolongs_the_lease_as_well()
    {
        var node = await StartReady();
        await Running(node);
        var hurried = new CancellationToken(canceled: true);

        await Task.WhenAll(node.Keeper.StopAsync(hurried), node.Keeper.StopAsync(hurried));

        Assert.True(Left > Options.RestartGrace - TimeSpan.FromSeconds(10), $"{Left}");
    }

    [Fact]
    public async Task A_node_that_stops_with_nothing_to_do_gives_up_its_lease()
    {
        var node = await StartReady();

        await node.Keeper.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(Left <= TimeSpan.Zero, $"{Left}");
        var elsewhere = new LeaseRequest(Name, "other", "other", true, 0, 0, TimeSpan.FromSeconds(3));
        Assert.Equal(2, (await Leases.Acquire(elsewhere)).Tenure?.Epoch);
    }

    [Fact]
    public async Task A_file_that_promises_more_than_anybody_may_is_not_believed()
    {
        var ends = Uptime.Now() + TimeSpan.FromDays(10);
        new LeaseFile(RunsFolder).Write(new LeaseNote(ends, ends, new(Name, 1), ProcessIdentity.Own()));
        var asked = new List<TimeSpan>();
        Leases.OnAcquire = request => asked.Add(request.Lasts);

        await StartReady();

        Assert.Equal(Options.RestartGrace, Assert.Single(asked));
    }

    [Fact]
    public void A_data_folder_on_another_machine_is_another()
    {
        var id = ExecutorNodeId.Of(Name, Folder);

        Assert.Equal(id.Folder, ExecutorNodeId.Of(Name, Folder).Folder);
        Assert.EndsWith($"@{ProcessIdentity.BootId}", id.Folder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_drains_waits_for_its_scripts()
    {
        Options.DrainTimeout = TimeSpan.FromMinutes(1);
        var node = await StartReady();
        var go = Path.Combine(Folder, "go");
        var (run, _) = await Running(node, $"import time\nwhile not os.path.exists('{go}'): time.sleep(0.02)");

        var stop = node.Keeper.StopAsync(TestContext.Current.CancellationToken);
        await Until(() => Leases.Last is { IsAccepting: false }, "the cluster is told");
        var renewals = Leases.Renewals;
        await Until(() => Leases.Renewals > renewals + 3, "the lease is kept meanwhile");
        Assert.False(stop.IsCompleted);
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);

        await stop;
        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
    }

    [Fact]
    public async Task A_restarted_node_keeps_room_for_what_it_has_not_taken_up_yet()
    {
        Options.Dpus = 4;
        var before = await StartReady();
        var old = await Placed(before, Forever, dpus: 3);
        await before.Executor.Launch(old);
        await Reports.Next<RunReport.Launched>(old.Id);
        await before.Kill();
        var node = await StartReady();

        var large = await Placed(node, Forever, dpus: 2);
        await node.Executor.Launch(large);
        var small = await Placed(node, Forever, dpus: 1);
        await node.Executor.Launch(small);

        Assert.Equal(
            "Waiting for 2 DPUs of this node: it has 4 (Executor:Dpus).",
            (await Reports.Next<RunReport.NoRoom>(large.Id)).Limit
        );
        await Reports.Next<RunReport.Launched>(small.Id);

        node.Executor.ExpectOnly(new HashSet<string>());
        await node.Executor.Launch(large with { Version = 9 });
        await Reports.Next<RunReport.Launched>(large.Id);
    }

    [Fact]
    public async Task A_node_whose_guard_was_killed_starts_another_and_launches_nothing_before()
    {
        var node = await StartReady();
        var first = Guard.Process!.Value;

        Posix.Kill(first.Pid, Posix.Sigkill);
        await Until(() => !first.IsAlive, "it is gone");
        var whyNot = node.Tenure.WhyNoLaunch;
        await Until(() => Guard.IsAlive, "there is another");

        Assert.Contains("guard", whyNot ?? "guard: the next one was there at once", StringComparison.Ordinal);
        Assert.NotEqual(first, Guard.Process);
    }
}
