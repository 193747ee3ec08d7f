using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.Grains.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class UsageProfileTests : GlueCluster
{
    private static readonly Dictionary<string, string> NoTags = [];

    internal static readonly ProfileConfiguration Small = new()
    {
        JobConfiguration = new Dictionary<string, ConfigurationObject>
        {
            ["numberOfWorkers"] = new() { DefaultValue = "2", MaxValue = "4" },
            ["workerType"] = new() { DefaultValue = "G.1X", AllowedValues = ["G.1X"] },
            ["timeout"] = new() { DefaultValue = "30", MaxValue = "60" },
        },
    };

    internal static readonly JobSettings SparkJob = new()
    {
        Role = "any",
        Command = new JobCommand { Name = "glueetl", ScriptLocation = "/x.py" },
        ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 10 },
    };

    [Fact]
    public async Task One_is_created_updated_listed_and_deleted()
    {
        var tags = new Dictionary<string, string> { ["team"] = "data" };
        var created = (await UsageProfiles.Create("small", "the first", Small, tags)).Value!;
        Assert.Equal(
            RefusalKind.AlreadyExists,
            (await UsageProfiles.Create("small", null, Small, NoTags)).Refusal?.Kind
        );
        Clock.Advance(TimeSpan.FromMinutes(1));

        await UsageProfiles.Update("small", null, new ProfileConfiguration());

        var found = (await UsageProfiles.Find("small"))!;
        Assert.Equal((created.CreatedOn, Now), (found.CreatedOn, found.LastModifiedOn));
        Assert.Null(found.Description);
        Assert.Null(found.Configuration.JobConfiguration);
        Assert.Equal(tags, found.Tags);
        Assert.Equal(["small"], (await UsageProfiles.List(null, 10)).Select(profile => profile.Name));

        await UsageProfiles.Delete("small");
        await UsageProfiles.Delete("small");
        Assert.Null(await UsageProfiles.Find("small"));
        Assert.Equal(RefusalKind.EntityNotFound, (await UsageProfiles.Update("small", null, Small)).Refusal?.Kind);
    }

    [Fact]
    public async Task Its_tags_are_changed_without_dating_it()
    {
        var created = (await UsageProfiles.Create("small", null, Small, NoTags)).Value!;
        Clock.Advance(TimeSpan.FromMinutes(1));
        await UsageProfiles.Tag("small", new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
        await UsageProfiles.Untag("small", ["a", "none"]);

        var found = (await UsageProfiles.Find("small"))!;
        Assert.Equal(new Dictionary<string, string> { ["b"] = "2" }, found.Tags);
        Assert.Equal(created.LastModifiedOn, found.LastModifiedOn);
        Assert.Equal(RefusalKind.EntityNotFound, (await UsageProfiles.Untag("none", ["a"])).Refusal?.Kind);
        var reserved = new Dictionary<string, string> { ["aws:x"] = "" };
        Assert.Equal(RefusalKind.InvalidInput, (await UsageProfiles.Tag("small", reserved)).Refusal?.Kind);
        Assert.Equal(
            RefusalKind.InvalidInput,
            (await UsageProfiles.Create("other", null, Small, reserved)).Refusal?.Kind
        );
    }

    [Fact]
    public async Task A_configuration_that_means_nothing_is_neither_created_nor_updated_to()
    {
        var nothing = new ProfileConfiguration
        {
            JobConfiguration = new Dictionary<string, ConfigurationObject>
            {
                ["timeout"] = new() { MinValue = "2", MaxValue = "1" },
            },
        };
        Assert.Equal(
            RefusalKind.InvalidInput,
            (await UsageProfiles.Create("bad", null, nothing, NoTags)).Refusal?.Kind
        );
        await UsageProfiles.Create("small", null, Small, NoTags);
        Assert.Equal(RefusalKind.InvalidInput, (await UsageProfiles.Update("small", null, nothing)).Refusal?.Kind);
        Assert.NotNull((await UsageProfiles.Find("small"))!.Configuration.JobConfiguration?["workerType"]);
    }

    [Fact]
    public async Task A_job_created_under_one_has_its_defaults_and_its_name_also_after_an_update()
    {
        await UsageProfiles.Create("small", null, Small, NoTags);

        var job = (await Job.Create(SparkJob, NoTags, "small")).Value!;

        Assert.Equal("small", job.ProfileName);
        Assert.Equal(("G.1X", 2, 30), (job.Settings.WorkerType, job.Settings.NumberOfWorkers, job.Settings.Timeout));
        Assert.Equal(2, job.Settings.MaxCapacity);
        await Job.Update(SparkJob);
        Assert.Equal("small", (await Job.Find())!.ProfileName);
    }

    [Fact]
    public async Task A_job_that_one_does_not_allow_is_not_created()
    {
        await UsageProfiles.Create("small", null, Small, NoTags);

        var refused = (await Job.Create(SparkJob with { Timeout = 61 }, NoTags, "small")).Refusal;

        Assert.Equal(Refusal.InvalidInput("timeout is 61: usage profile 'small' allows at most 60."), refused);
        Assert.Null(await Job.Find());
        Assert.Empty(await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task One_that_does_not_exist_is_told_as_each_operation_declares()
    {
        var create = (await Job.Create(SparkJob, NoTags, "none")).Refusal;
        Assert.Equal(RefusalKind.InvalidInput, create?.Kind);
        await Job.Create(SparkJob, NoTags);
        var start = (await Job.StartRun(new StartRun { ProfileName = "none" })).Refusal;
        Assert.Equal(RefusalKind.EntityNotFound, start?.Kind);
        foreach (var refused in new[] { create, start })
            Assert.Contains("'none'", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_started_under_one_has_its_defaults_where_the_job_says_nothing()
    {
        await UsageProfiles.Create("small", null, Small, NoTags);
        await Job.Create(SparkJob, NoTags);

        var run = await Read((await Job.StartRun(new StartRun { ProfileName = "small" })).Value!);

        Assert.Equal("small", run.Settings.ProfileName);
        Assert.Equal(("G.1X", 2, 30), (run.Settings.WorkerType, run.Settings.NumberOfWorkers, run.Settings.Timeout));
        var free = await Read((await Job.StartRun(new StartRun())).Value!);
        Assert.Equal((null, null, 2880), (free.Settings.ProfileName, free.Settings.WorkerType, free.Settings.Timeout));
    }

    [Fact]
    public async Task A_run_that_one_does_not_allow_is_not_started_whether_it_or_its_job_says_so()
    {
        await UsageProfiles.Create("small", null, Small, NoTags);
        await Job.Create(SparkJob with { Timeout = 100 }, NoTags);

        var ofJob = (await Job.StartRun(new StartRun { ProfileName = "small" })).Refusal;
        Assert.Equal(Refusal.InvalidInput("timeout is 100: usage profile 'small' allows at most 60."), ofJob);
        var own = await Job.StartRun(
            new StartRun
            {
                ProfileName = "small",
                Timeout = 10,
                WorkerType = "G.1X",
                NumberOfWorkers = 5,
            }
        );
        Assert.Equal(
            Refusal.InvalidInput("numberOfWorkers is 5: usage profile 'small' allows at most 4."),
            own.Refusal
        );
        Assert.Empty((await Job.ListRuns(null, 10)).Value!);
        Assert.False((await Job.StartRun(new StartRun { ProfileName = "small", Timeout = 10 })).IsRefused);
    }
}

public sealed class UsageProfileOfTheSiteTests : GlueCluster
{
    private static readonly Dictionary<string, string> NoTags = [];

    protected override void Configure(IServiceCollection services) =>
        services.Configure<GlueDefaults>(defaults => defaults.UsageProfile = "site");

    [Fact]
    public async Task It_applies_to_requests_that_name_none()
    {
        await UsageProfiles.Create("site", null, UsageProfileTests.Small, NoTags);
        await UsageProfiles.Create("free", null, new ProfileConfiguration(), NoTags);

        Assert.Equal("site", (await Job.Create(UsageProfileTests.SparkJob, NoTags)).Value!.ProfileName);
        var run = await Read((await Job.StartRun(new StartRun())).Value!);
        Assert.Equal("site", run.Settings.ProfileName);
        Assert.True((await Job.StartRun(new StartRun { Timeout = 61 })).IsRefused);

        var named = await Job.StartRun(new StartRun { Timeout = 61, ProfileName = "free" });
        Assert.Equal("free", (await Read(named.Value!)).Settings.ProfileName);
    }

    [Fact]
    public async Task An_account_without_it_is_told_of_the_setting()
    {
        var refused = (await Job.Create(UsageProfileTests.SparkJob, NoTags)).Refusal;
        Assert.Equal(RefusalKind.InvalidInput, refused?.Kind);
        Assert.Contains("Glue:UsageProfile", refused!.Message, StringComparison.Ordinal);
        Assert.Contains("'site'", refused.Message, StringComparison.Ordinal);
    }
}
