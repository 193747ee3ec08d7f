using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class DefinitionTests : GlueCluster
{
    private static readonly Dictionary<string, string> NoTags = [];

    private static readonly JobSettings Settings = new()
    {
        Role = "any",
        Command = new JobCommand { Name = "glueetl", ScriptLocation = "/x.py" },
        GlueVersion = "5.0",
        DefaultArguments = new Dictionary<string, string> { ["--a"] = "1" },
    };

    private IJobCatalogGrain Catalog => Cluster.Client.GetGrain<IJobCatalogGrain>("000000000000");

    [Fact]
    public async Task A_created_job_is_found_and_listed_and_a_deleted_one_is_not()
    {
        await Job.Create(Settings, NoTags);
        Assert.Equal("5.0", (await Job.Find())?.Settings.GlueVersion);
        Assert.Equal([JobName], await Catalog.ListNames(null, 10));

        await Job.Delete();
        await Job.Delete();
        Assert.Null(await Job.Find());
        Assert.Empty(await Catalog.ListNames(null, 10));
    }

    [Fact]
    public async Task A_second_create_tells_a_repetition_from_a_mismatch()
    {
        await Job.Create(Settings, NoTags);

        var again = await Job.Create(
            Settings with
            {
                DefaultArguments = new Dictionary<string, string> { ["--a"] = "1" },
            },
            NoTags
        );
        var other = await Job.Create(Settings with { Description = "another" }, NoTags);

        Assert.Equal(RefusalKind.AlreadyExists, again.Refusal?.Kind);
        Assert.Equal(RefusalKind.IdempotentParameterMismatch, other.Refusal?.Kind);
    }

    [Fact]
    public async Task Of_two_creates_at_once_one_wins()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => Job.Create(Settings with { Description = $"{i}" }, NoTags))
        );

        var winner = Assert.Single(answers, a => !a.IsRefused);
        Assert.Equal(winner.Value!.Settings.Description, (await Job.Find())?.Settings.Description);
    }

    [Fact]
    public async Task An_update_replaces_everything_but_an_absent_glue_version()
    {
        await Job.Create(Settings with { Description = "old", MaxRetries = 3 }, NoTags);

        await Job.Update(new JobSettings { Role = "other", Command = Settings.Command });

        var job = (await Job.Find())!.Settings;
        Assert.Equal(("other", null, 0, "5.0"), (job.Role, job.Description, job.MaxRetries, job.GlueVersion));
        Assert.Null(job.DefaultArguments);
    }

    [Fact]
    public async Task Updating_a_job_that_does_not_exist_is_refused() =>
        Assert.Equal(Refusal.NotFound("Job with name: nightly not found."), (await Job.Update(Settings)).Refusal);

    [Fact]
    public async Task A_name_left_unsettled_by_a_crash_is_put_right()
    {
        await Job.Create(Settings, NoTags);
        await Index.MarkUnsettled(new JobKey("000000000000", JobName));
        await Index.MarkUnsettled(new JobKey("000000000000", "never-written"));
        Assert.Empty(await Catalog.ListNames(null, 10));

        await Job.SettleIndex();
        await Grain("never-written").SettleIndex();

        Assert.Equal([JobName], await Catalog.ListNames(null, 10));
        Assert.Empty(await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task Definitions_are_gathered_in_the_order_of_the_names()
    {
        await Grain("a").Create(Settings, NoTags);
        await Grain("b").Create(Settings, NoTags);

        var found = await Catalog.FindAll(["b", "missing", "a"]);

        Assert.Equal(["b", null, "a"], found.Select(job => job?.Name));
    }

    [Fact]
    public async Task The_history_of_a_deleted_job_stays_readable()
    {
        await Job.Create(Settings, NoTags);
        var runId = (await Job.StartRun(new StartRun())).Value!;
        await Job.Delete();

        Assert.False((await Job.GetRun(runId)).IsRefused);
        Assert.Single((await Job.ListRuns(null, 10)).Value!);
        Assert.True((await Grain("never").ListRuns(null, 10)).IsRefused);
    }
}
