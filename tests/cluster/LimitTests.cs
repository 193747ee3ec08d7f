using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>How many of a kind an account may have.</summary>
public sealed class LimitTests : GlueCluster
{
    private const int Most = 3;
    private static readonly Dictionary<string, string> NoTags = [];

    private static readonly JobSettings Settings = new()
    {
        Role = "any",
        Command = new JobCommand { Name = "glueetl" },
    };

    public LimitTests() => (Limits.Jobs, Limits.SecurityConfigurations, Limits.UsageProfiles) = (Most, Most, Most);

    [Fact]
    public async Task Jobs_created_at_once_do_not_exceed_it_together()
    {
        var jobs = Enumerable.Range(0, 20).Select(i => Grain($"job-{i}")).ToList();
        // Activated beforehand, so that their creations really overlap.
        await Task.WhenAll(jobs.Select(job => job.Find()));

        var answers = await Task.WhenAll(jobs.Select(job => job.Create(Settings, NoTags)));

        Assert.Equal(Most, answers.Count(answer => !answer.IsRefused));
        Assert.All(
            answers.Where(answer => answer.IsRefused),
            answer => AssertReached(answer.Refusal, "jobs", "Limits:Jobs")
        );
        Assert.Equal(Most, (await Index.ListNames(Account, null, 100)).Count);
        Assert.Empty(await Index.ListUnsettled(100));
    }

    [Fact]
    public async Task A_deleted_job_makes_room_and_one_that_exists_can_be_updated()
    {
        for (var i = 0; i < Most; i++)
            Assert.False((await Grain($"job-{i}").Create(Settings, NoTags)).IsRefused);
        Assert.False((await Grain("job-0").Update(Settings with { Description = "new" })).IsRefused);
        Assert.True((await Job.Create(Settings, NoTags)).IsRefused);

        await Grain("job-1").Delete();

        Assert.False((await Job.Create(Settings, NoTags)).IsRefused);
        Assert.True((await Grain("job-1").Create(Settings, NoTags)).IsRefused);
    }

    [Fact]
    public async Task A_name_that_a_crash_left_counts_until_it_is_put_right()
    {
        for (var i = 1; i < Most; i++)
            await Grain($"job-{i}").Create(Settings, NoTags);
        await Index.MarkUnsettled(new JobKey(Account, "announced"));
        Assert.True((await Job.Create(Settings, NoTags)).IsRefused);

        await Grain("announced").SettleIndex();

        Assert.False((await Job.Create(Settings, NoTags)).IsRefused);
    }

    [Fact]
    public async Task A_create_that_failed_after_its_announcement_can_be_repeated_at_the_limit()
    {
        for (var i = 1; i < Most; i++)
            await Grain($"job-{i}").Create(Settings, NoTags);
        GrainStorage.Arm(NextWrite.Fails);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.Create(Settings, NoTags));

        Assert.False((await Job.Create(Settings, NoTags)).IsRefused);
    }

    [Fact]
    public async Task It_holds_for_security_configurations()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => SecurityConfigurations.Create($"sc-{i}", new EncryptionConfiguration()))
        );

        Assert.Equal(Most, answers.Count(answer => !answer.IsRefused));
        AssertReached(
            answers.First(answer => answer.IsRefused).Refusal,
            "security configurations",
            "Limits:SecurityConfigurations"
        );
    }

    [Fact]
    public async Task It_holds_for_usage_profiles()
    {
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(i => UsageProfiles.Create($"profile-{i}", null, new ProfileConfiguration(), NoTags))
        );

        Assert.Equal(Most, answers.Count(answer => !answer.IsRefused));
        AssertReached(answers.First(answer => answer.IsRefused).Refusal, "usage profiles", "Limits:UsageProfiles");
    }

    private static void AssertReached(Refusal? refusal, string things, string setting)
    {
        Assert.Equal(RefusalKind.ResourceNumberLimitExceeded, refusal?.Kind);
        Assert.Contains($"{Most} {things}", refusal!.Message, StringComparison.Ordinal);
        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }
}
