using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Grains.Accounts;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class SecurityConfigurationTests : GlueCluster
{
    private static readonly EncryptionConfiguration Tight = new()
    {
        S3Encryption = [new S3Encryption { S3EncryptionMode = "SSE-S3" }],
        CloudWatchEncryption = new CloudWatchEncryption { CloudWatchEncryptionMode = "DISABLED" },
    };

    [Fact]
    public async Task One_is_found_as_it_was_created_and_cannot_be_created_again()
    {
        var created = (await SecurityConfigurations.Create("tight", Tight)).Value!;
        Assert.Equal(Now, created.CreatedTimeStamp);
        Clock.Advance(TimeSpan.FromMinutes(1));

        var again = await SecurityConfigurations.Create("tight", new EncryptionConfiguration());

        Assert.Equal(RefusalKind.AlreadyExists, again.Refusal?.Kind);
        var found = (await SecurityConfigurations.Find("tight"))!;
        Assert.Equal(created.CreatedTimeStamp, found.CreatedTimeStamp);
        Assert.Equal("SSE-S3", Assert.Single(found.EncryptionConfiguration.S3Encryption!).S3EncryptionMode);
    }

    [Fact]
    public async Task They_are_listed_in_order_after_a_name()
    {
        foreach (var name in new[] { "c", "A", "b", "a" })
            await SecurityConfigurations.Create(name, Tight);
        await SecurityConfigurations.Delete("b");

        Assert.Equal(["A", "a"], (await SecurityConfigurations.List(null, 2)).Select(found => found.Name));
        Assert.Equal(["c"], (await SecurityConfigurations.List("a", 2)).Select(found => found.Name));
        Assert.Equal(["c"], (await SecurityConfigurations.List("b", 2)).Select(found => found.Name));
    }

    [Fact]
    public async Task Only_one_that_is_there_can_be_deleted()
    {
        await SecurityConfigurations.Create("tight", Tight);
        Assert.True(await SecurityConfigurations.Delete("tight"));
        Assert.False(await SecurityConfigurations.Delete("tight"));
        Assert.Null(await SecurityConfigurations.Find("tight"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task After_a_write_that_failed_there_is_what_storage_has(bool isWritten, bool isThere)
    {
        await SecurityConfigurations.Create("first", Tight);
        GrainStorage.Arm(isWritten ? NextWrite.LosesItsAnswer : NextWrite.Fails);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => SecurityConfigurations.Create("second", Tight));

        Assert.Equal(isThere, await SecurityConfigurations.Find("second") is not null);
        Assert.NotNull(await SecurityConfigurations.Find("first"));
        Assert.Equal(isThere, (await SecurityConfigurations.Create("second", Tight)).IsRefused);
    }

    [Fact]
    public async Task One_that_is_too_large_to_keep_is_refused_with_its_size()
    {
        var large = new EncryptionConfiguration
        {
            S3Encryption = [.. Enumerable.Repeat(new S3Encryption { S3EncryptionMode = "SSE-KMS" }, 1000)],
        };
        var refused = (await SecurityConfigurations.Create("large", large)).Refusal;
        Assert.Equal(RefusalKind.InvalidInput, refused?.Kind);
        Assert.Contains(
            $"at most {AccountMapGrain<SecurityConfiguration>.MostBytes}",
            refused!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_run_needs_the_one_that_it_or_its_job_names()
    {
        await SecurityConfigurations.Create("there", Tight);
        var created = await Job.Create(
            new JobSettings
            {
                Role = "any",
                Command = new JobCommand { Name = "pythonshell", ScriptLocation = "/x.py" },
                SecurityConfiguration = "missing",
                ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 5 },
            },
            new Dictionary<string, string>()
        );
        Assert.False(created.IsRefused);

        var refused = (await Job.StartRun(new StartRun())).Refusal;
        Assert.Equal(RefusalKind.EntityNotFound, refused?.Kind);
        Assert.Contains("'missing'", refused!.Message, StringComparison.Ordinal);
        Assert.Contains("CreateSecurityConfiguration", refused.Message, StringComparison.Ordinal);
        Assert.Empty((await Job.ListRuns(null, 10)).Value!);

        var runId = (await Job.StartRun(new StartRun { SecurityConfiguration = "there" })).Value!;
        Assert.Equal("there", (await Read(runId)).Settings.SecurityConfiguration);
        await SecurityConfigurations.Create("missing", Tight);
        Assert.False((await Job.StartRun(new StartRun())).IsRefused);
    }
}
