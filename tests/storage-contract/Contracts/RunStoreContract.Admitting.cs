using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>Whoever takes a slot does so under two epochs: of the job's admission and of the account's capacity.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task A_run_is_created_only_under_the_epoch_of_its_account_too()
    {
        var job = await Store.ClaimEpoch(TheJob);
        var first = await Store.ClaimAccountEpoch(TheJob.Account);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun().WithOrdinal(1), Under(job, first)));

        var second = await Store.ClaimAccountEpoch(TheJob.Account);
        Assert.True(second > first);
        foreach (var wrong in new[] { 0, first, second + 1 })
        {
            RunRecord fenced = ARun().WithOrdinal(2);
            Assert.Equal(CreateResult.FencedByAccount, await Store.TryCreate(fenced, Under(job, wrong)));
            Assert.Null(await Store.Find(fenced.Id));
        }

        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun().WithOrdinal(2), Under(job, second)));
    }

    [Fact]
    public async Task An_account_of_which_no_epoch_was_claimed_is_at_0()
    {
        Assert.Equal(CreateResult.FencedByAccount, await Store.TryCreate(ARun(), Under(0, 1)));
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun(), Under(0, 0)));
    }

    [Fact]
    public async Task A_run_that_takes_nothing_of_its_account_is_created_whatever_its_epoch()
    {
        await Store.ClaimAccountEpoch(TheJob.Account);

        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun(), Under(0, account: null)));
    }

    [Fact]
    public async Task Accounts_have_epochs_of_their_own()
    {
        var epoch = await Store.ClaimAccountEpoch(TheJob.Account);
        await Store.ClaimAccountEpoch("222222222222");

        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun(), Under(0, epoch)));
    }

    [Fact]
    public async Task Claims_of_an_account_at_once_get_different_epochs()
    {
        var epochs = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => Task.Run(() => Store.ClaimAccountEpoch(TheJob.Account)))
        );

        Assert.Equal(64, epochs.Distinct().Count());
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun(), Under(0, epochs.Max())));
    }

    /// <summary>Each answer calls for another repair, so which of several is given matters.</summary>
    [Fact]
    public async Task Of_several_reasons_not_to_create_a_run_the_first_is_named()
    {
        var job = await Store.ClaimEpoch(TheJob);
        var account = await Store.ClaimAccountEpoch(TheJob.Account);
        RunRecord taken = ARun().WithOrdinal(1);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(taken, Under(job, account)));

        RunRecord another = ARun().WithOrdinal(1);
        Assert.Equal(CreateResult.IdTaken, await Store.TryCreate(taken, Under(job + 1, account + 1)));
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(another, Under(job + 1, account + 1)));
        Assert.Equal(CreateResult.FencedByAccount, await Store.TryCreate(another, Under(job, account + 1)));
        Assert.Equal(CreateResult.OrdinalTaken, await Store.TryCreate(another, Under(job, account)));
    }

    [Fact]
    public async Task A_waiting_run_is_admitted_only_under_both_epochs_and_else_left_as_it_was()
    {
        var job = await Store.ClaimEpoch(TheJob);
        var account = await Store.ClaimAccountEpoch(TheJob.Account);
        var run = await Create(ARun().With(made => made with { StateDetail = "a limit" }), job);
        var next = run.MovedTo(JobRunState.Starting);

        Assert.Equal(SaveResult.Fenced, await Store.SaveIfUnchanged(next, 1, Under(job - 1, account)));
        Assert.Equal(SaveResult.Fenced, await Store.SaveIfUnchanged(next, 1, Under(job + 1, account + 1)));
        Assert.Equal(SaveResult.FencedByAccount, await Store.SaveIfUnchanged(next, 1, Under(job, account - 1)));
        Assert.Equal(SaveResult.FencedByAccount, await Store.SaveIfUnchanged(next, 1, Under(job, account + 1)));
        AssertSame(run, await Store.Find(run.Id));

        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(next, 1, Under(job, account)));
        AssertSame(next, await Store.Find(run.Id));
    }

    [Fact]
    public async Task A_row_that_has_changed_or_is_gone_is_said_to_be_so_also_to_one_who_is_fenced()
    {
        var job = await Store.ClaimEpoch(TheJob);
        var account = await Store.ClaimAccountEpoch(TheJob.Account);
        var run = await Create(ARun(), job);
        await Store.SaveIfUnchanged(run.MovedTo(JobRunState.Stopped), 1);
        RunRecord never = ARun().AtVersion(2);

        var late = run.MovedTo(JobRunState.Starting);
        Assert.Equal(SaveResult.Stale, await Store.SaveIfUnchanged(late, 1, Under(job, account)));
        Assert.Equal(SaveResult.Stale, await Store.SaveIfUnchanged(late, 1, Under(job - 1, account - 1)));
        Assert.Equal(SaveResult.Gone, await Store.SaveIfUnchanged(never, 1, Under(job - 1, account - 1)));
    }

    [Fact]
    public async Task An_admission_that_takes_nothing_of_the_account_needs_the_epoch_of_the_job_only()
    {
        var job = await Store.ClaimEpoch(TheJob);
        await Store.ClaimAccountEpoch(TheJob.Account);
        var run = await Create(ARun(), job);

        Assert.Equal(
            SaveResult.Saved,
            await Store.SaveIfUnchanged(run.MovedTo(JobRunState.Starting), 1, Under(job, account: null))
        );
    }

    [Fact]
    public async Task A_save_that_takes_no_slot_is_under_no_epoch()
    {
        var run = await Create(ARun().InState(JobRunState.Starting));
        await Store.ClaimEpoch(TheJob);
        await Store.ClaimAccountEpoch(TheJob.Account);

        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(run.MovedTo(JobRunState.Running), 1));
    }

    [Fact]
    public async Task A_successor_settles_what_its_predecessor_owes_in_the_same_commit()
    {
        var failed = await Create(Owing(1, Accepted));

        RunRecord retry = ARun().WithOrdinal(2).OnAttempt(1, failed.Id).InState(JobRunState.Starting);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(retry));

        // No version is used up: nobody may find the row stale over it.
        AssertSame(failed with { SuccessorDueAt = null }, await Store.Find(failed.Id));
        Assert.Empty((await Store.LoadRoster(TheJob)).Owed);
        Assert.Empty(await Store.ListJobsToTend(null, Accepted, 10));
    }

    [Fact]
    public async Task A_successor_that_is_not_created_settles_nothing()
    {
        var failed = await Create(Owing(1, Accepted));
        await Store.ClaimEpoch(TheJob);

        RunRecord retry = ARun().WithOrdinal(2).OnAttempt(1, failed.Id).InState(JobRunState.Starting);
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(retry));
        Assert.Equal(CreateResult.OrdinalTaken, await Store.TryCreate(retry with { Ordinal = 1 }, epoch: 1));

        Assert.Equal([new OwedRun(failed.Id, Accepted)], (await Store.LoadRoster(TheJob)).Owed);
    }

    [Fact]
    public async Task A_run_of_another_job_settles_nothing()
    {
        var failed = await Create(Owing(1, Accepted));

        await Create(ARun().OfJob("another").OnAttempt(1, failed.Id));
        await Create(ARun().OfJob(new JobKey("222222222222", TheJob.Name)).OnAttempt(1, failed.Id));

        AssertSame(failed, await Store.Find(failed.Id));
    }

    [Fact]
    public async Task Of_many_that_create_one_successor_exactly_one_does()
    {
        var failed = await Create(Owing(1, Accepted));
        var id = RunId.NextAttempt(failed);

        var results = await Task.WhenAll(
            Enumerable
                .Range(2, 32)
                .Select(ordinal =>
                    Task.Run(() => Store.TryCreate(ARun().WithId(id).WithOrdinal(ordinal).OnAttempt(1, failed.Id)))
                )
        );

        Assert.Single(results, result => result == CreateResult.Created);
        Assert.Equal(31, results.Count(result => result == CreateResult.IdTaken));
        Assert.Empty((await Store.LoadRoster(TheJob)).Owed);
    }

    private static AdmissionEpochs Under(long job, long? account) => new(job, account);

    private static RunRecord Owing(int ordinal, DateTimeOffset dueAt) =>
        ARun()
            .WithOrdinal(ordinal)
            .InState(JobRunState.Failed)
            .WithError("It failed.")
            .With(run => run with { SuccessorDueAt = dueAt });

    private async Task<RunRecord> Create(RunRecord run, long epoch)
    {
        Assert.Equal(CreateResult.Created, await Store.TryCreate(run, epoch));
        return run;
    }
}
