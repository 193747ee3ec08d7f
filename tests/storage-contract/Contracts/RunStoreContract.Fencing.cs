using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>Of several activations of one job's grain, the one that claimed its epoch last creates runs.</summary>
public abstract partial class RunStoreContract
{
    [Fact]
    public async Task A_claim_fences_every_earlier_epoch_and_nothing_is_written()
    {
        var first = await Store.ClaimEpoch(TheJob);
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun().WithOrdinal(1), first));

        var second = await Store.ClaimEpoch(TheJob);
        Assert.True(second > first);
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(ARun().WithOrdinal(2), first));
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(ARun().WithOrdinal(2), epoch: 0));
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun().WithOrdinal(2), second));

        Assert.Equal(2, (await Store.ListByJob(TheJob, null, 10)).Count);
    }

    [Fact]
    public async Task An_epoch_that_was_never_claimed_fences()
    {
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(ARun(), epoch: 1));

        var epoch = await Store.ClaimEpoch(TheJob);
        Assert.Equal(CreateResult.Fenced, await Store.TryCreate(ARun(), epoch + 1));
    }

    [Fact]
    public async Task Jobs_have_epochs_of_their_own()
    {
        var epoch = await Store.ClaimEpoch(TheJob);
        await Store.ClaimEpoch(new JobKey(TheJob.Account, "another"));
        await Store.ClaimEpoch(new JobKey("222222222222", TheJob.Name));

        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun(), epoch));
    }

    [Fact]
    public async Task Claims_at_once_get_different_epochs()
    {
        var epochs = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => Store.ClaimEpoch(TheJob))));

        Assert.Equal(64, epochs.Distinct().Count());
        Assert.Equal(CreateResult.Created, await Store.TryCreate(ARun(), epochs.Max()));
    }

    [Fact]
    public async Task A_run_that_exists_is_said_to_exist_also_to_one_who_is_fenced()
    {
        var epoch = await Store.ClaimEpoch(TheJob);
        var run = ARun().Build();
        await Store.TryCreate(run, epoch);
        await Store.ClaimEpoch(TheJob);

        Assert.Equal(CreateResult.IdTaken, await Store.TryCreate(run, epoch));
    }
}
