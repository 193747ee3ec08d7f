using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class TagTests : GlueCluster
{
    private static readonly Dictionary<string, string> Team = new() { ["team"] = "data" };

    [Fact]
    public async Task A_jobs_tags_are_added_replaced_and_removed()
    {
        await CreateJob();
        await Job.Tag(new Dictionary<string, string> { ["team"] = "data", ["when"] = "night" });
        await Job.Tag(new Dictionary<string, string> { ["when"] = "day" });
        await Job.Untag(["team", "none"]);

        Assert.Equal(new Dictionary<string, string> { ["when"] = "day" }, (await Job.Find())!.Tags);
    }

    [Fact]
    public async Task Tags_outlive_an_update_and_do_not_date_the_definition()
    {
        var created = await CreateJob();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Job.Tag(Team);
        Assert.Equal(created.LastModifiedOn, (await Job.Find())!.LastModifiedOn);

        await Job.Update(new JobSettings { Role = "other", Command = created.Settings.Command });

        var updated = (await Job.Find())!;
        Assert.Equal(Team, updated.Tags);
        Assert.Equal(Now, updated.LastModifiedOn);
    }

    [Fact]
    public async Task A_tagged_job_is_still_the_one_that_was_created()
    {
        var created = await CreateJob();
        await Job.Tag(Team);

        Assert.Equal(
            RefusalKind.AlreadyExists,
            (await Job.Create(created.CreatedAs!, new Dictionary<string, string>())).Refusal?.Kind
        );
    }

    [Fact]
    public async Task A_tag_that_cannot_be_leaves_all_as_it_was()
    {
        await CreateJob();
        await Job.Tag(Team);

        var refused = await Job.Tag(new Dictionary<string, string> { ["fine"] = "", ["aws:x"] = "" });

        Assert.Equal(RefusalKind.InvalidInput, refused.Refusal?.Kind);
        Assert.Equal(Team, (await Job.Find())!.Tags);
    }

    [Fact]
    public async Task A_job_is_not_created_with_a_reserved_tag()
    {
        var refused = await Job.Create(
            new JobSettings
            {
                Role = "any",
                Command = new JobCommand { Name = "glueetl" },
            },
            new Dictionary<string, string> { ["AWS:x"] = "" }
        );

        Assert.Equal(RefusalKind.InvalidInput, refused.Refusal?.Kind);
        Assert.Null(await Job.Find());
        Assert.Empty(await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task A_job_that_does_not_exist_has_no_tags_to_change()
    {
        Assert.Equal(RefusalKind.EntityNotFound, (await Job.Tag(Team)).Refusal?.Kind);
        Assert.Equal(RefusalKind.EntityNotFound, (await Job.Untag(["team"])).Refusal?.Kind);
        Assert.Null(await Job.Find());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task After_a_write_that_failed_tags_are_what_storage_has(bool isWritten, bool isThere)
    {
        await CreateJob();
        GrainStorage.Arm(isWritten ? NextWrite.LosesItsAnswer : NextWrite.Fails);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.Tag(Team));

        Assert.Equal(isThere, (await Job.Find())!.Tags.ContainsKey("team"));

        await Job.Tag(Team);
        Assert.Equal(Team, (await Job.Find())!.Tags);
    }
}
