using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Profiles;
using Xunit;

namespace GlueOrleans.Tests.Unit.Profiles;

public sealed class UsageProfileRulesTests
{
    private static readonly UsageProfile Workers = AProfile(
        (
            "numberOfWorkers",
            new ConfigurationObject
            {
                DefaultValue = "3",
                MinValue = "2",
                MaxValue = "5",
            }
        ),
        ("workerType", new ConfigurationObject { DefaultValue = "G.1X", AllowedValues = ["G.1X", "G.2X"] }),
        ("timeout", new ConfigurationObject { DefaultValue = "30", MaxValue = "60" })
    );

    private static readonly JobSettings Spark = new()
    {
        Role = "any",
        Command = new JobCommand { Name = "glueetl" },
    };

    [Theory]
    [InlineData("named", "site", "named")]
    [InlineData("named", null, "named")]
    [InlineData(null, "site", "site")]
    [InlineData(null, "", null)]
    [InlineData(null, null, null)]
    public void The_profile_that_is_named_applies_else_the_sites(string? named, string? site, string? applies) =>
        Assert.Equal(applies, UsageProfileRules.NameFor(named, new GlueDefaults { UsageProfile = site }));

    [Fact]
    public void Without_a_profile_nothing_is_filled_in_and_nothing_refused()
    {
        var request = new StartRun { NumberOfWorkers = 1000 };
        Assert.Same(Spark, UsageProfileRules.Fill(null, Spark));
        Assert.Same(request, UsageProfileRules.Fill(null, AJob(Spark), request));
        Assert.Null(UsageProfileRules.Problem(null, Spark with { NumberOfWorkers = 1000 }));
    }

    [Fact]
    public void A_new_job_gets_what_it_leaves_out()
    {
        var filled = UsageProfileRules.Fill(Workers, Spark);
        Assert.Equal((30, "G.1X", 3), (filled.Timeout, filled.WorkerType, filled.NumberOfWorkers));
    }

    [Fact]
    public void A_new_job_keeps_what_it_says()
    {
        var filled = UsageProfileRules.Fill(Workers, Spark with { Timeout = 7, WorkerType = "G.2X" });
        Assert.Equal((7, "G.2X", 3), (filled.Timeout, filled.WorkerType, filled.NumberOfWorkers));
    }

    [Theory]
    [InlineData("glueetl", 7.0)]
    [InlineData("pythonshell", null)]
    public void A_job_sized_by_DPUs_and_a_python_shell_get_no_workers(string command, double? dpus)
    {
        var filled = UsageProfileRules.Fill(
            Workers,
            Spark with
            {
                Command = new JobCommand { Name = command },
                MaxCapacity = dpus,
            }
        );
        Assert.Equal((dpus, null, null), (filled.MaxCapacity, filled.WorkerType, filled.NumberOfWorkers));
    }

    /// <summary>One without the other would be refused, for a member that the caller never set.</summary>
    [Fact]
    public void A_number_of_workers_without_a_type_is_not_filled_in()
    {
        var onlyNumber = AProfile(("numberOfWorkers", new ConfigurationObject { DefaultValue = "3" }));
        Assert.Null(UsageProfileRules.Fill(onlyNumber, Spark).NumberOfWorkers);
        Assert.Equal(3, UsageProfileRules.Fill(onlyNumber, Spark with { WorkerType = "G.2X" }).NumberOfWorkers);
    }

    [Fact]
    public void Default_DPUs_are_for_jobs_that_get_no_workers()
    {
        var dpus = ("maxCapacity", new ConfigurationObject { DefaultValue = "4", MaxValue = "8" });
        Assert.Equal(4, UsageProfileRules.Fill(AProfile(dpus), Spark).MaxCapacity);
        var both = AProfile(dpus, ("workerType", Default("G.1X")), ("numberOfWorkers", Default("2")));
        Assert.Null(UsageProfileRules.Fill(both, Spark).MaxCapacity);
    }

    [Fact]
    public void A_run_gets_what_neither_it_nor_the_job_says()
    {
        var silent = AJob(Spark with { Timeout = 2880, MaxCapacity = 10 }) with
        {
            TimeoutIsDefault = true,
            SizeIsDefault = true,
        };
        var filled = UsageProfileRules.Fill(Workers, silent, new StartRun());
        Assert.Equal((30, "G.1X", 3), (filled.Timeout, filled.WorkerType, filled.NumberOfWorkers));
        Assert.Equal("small", filled.ProfileName);
    }

    [Fact]
    public void A_run_leaves_to_the_job_what_the_job_says()
    {
        var says = AJob(Spark with { Timeout = 50, MaxCapacity = 10 });
        var filled = UsageProfileRules.Fill(Workers, says, new StartRun());
        Assert.Equal((null, null, null), (filled.Timeout, filled.WorkerType, filled.NumberOfWorkers));
    }

    [Fact]
    public void A_streaming_job_has_no_timeout_to_leave_to_its_runs()
    {
        var streaming = AJob(Spark with { Command = new JobCommand { Name = "gluestreaming" } });
        Assert.Equal(30, UsageProfileRules.Fill(Workers, streaming, new StartRun()).Timeout);
    }

    [Theory]
    [InlineData(2, "G.1X", 60, null)]
    [InlineData(5, "G.2X", 1, null)]
    [InlineData(1, "G.1X", 60, "numberOfWorkers is 1: usage profile 'small' allows from 2 to 5.")]
    [InlineData(6, "G.1X", 60, "numberOfWorkers is 6: usage profile 'small' allows from 2 to 5.")]
    [InlineData(2, "G.8X", 60, "workerType is G.8X: usage profile 'small' allows one of G.1X, G.2X.")]
    [InlineData(2, "G.1X", 61, "timeout is 61: usage profile 'small' allows at most 60.")]
    public void A_value_that_is_not_allowed_is_named_with_what_is_and_the_profile(
        int workers,
        string type,
        int timeout,
        string? problem
    )
    {
        Assert.Equal(
            problem,
            UsageProfileRules.Problem(
                Workers,
                Spark with
                {
                    NumberOfWorkers = workers,
                    WorkerType = type,
                    Timeout = timeout,
                    MaxCapacity = workers,
                }
            )
        );
        Assert.Equal(
            problem,
            UsageProfileRules.Problem(
                Workers,
                ARun() with
                {
                    NumberOfWorkers = workers,
                    WorkerType = type,
                    Timeout = timeout,
                }
            )
        );
    }

    [Fact]
    public void No_timeout_is_longer_than_any_that_is_allowed()
    {
        Assert.Contains("timeout is not set", UsageProfileRules.Problem(Workers, ARun()), StringComparison.Ordinal);
        var atLeast = AProfile(("timeout", new ConfigurationObject { MinValue = "10" }));
        Assert.Null(UsageProfileRules.Problem(atLeast, ARun()));
    }

    [Fact]
    public void A_job_without_workers_has_none_that_could_be_wrong_but_its_DPUs_can_be()
    {
        var run = ARun() with { Timeout = 1, MaxCapacity = 100 };
        Assert.Null(UsageProfileRules.Problem(Workers, run));
        var atMost = AProfile(("maxCapacity", new ConfigurationObject { MaxValue = "8" }));
        Assert.Equal(
            "maxCapacity is 100: usage profile 'small' allows at most 8.",
            UsageProfileRules.Problem(atMost, run)
        );
    }

    private static ConfigurationObject Default(string value) => new() { DefaultValue = value };

    private static UsageProfile AProfile(params (string Key, ConfigurationObject Limits)[] settings) =>
        new()
        {
            Name = "small",
            Configuration = new ProfileConfiguration
            {
                JobConfiguration = settings.ToDictionary(setting => setting.Key, setting => setting.Limits),
            },
            Tags = new Dictionary<string, string>(),
            CreatedOn = DateTimeOffset.UnixEpoch,
            LastModifiedOn = DateTimeOffset.UnixEpoch,
        };

    private static JobDefinition AJob(JobSettings settings) =>
        new()
        {
            Name = "job",
            Settings = settings,
            Tags = new Dictionary<string, string>(),
            CreatedOn = DateTimeOffset.UnixEpoch,
            LastModifiedOn = DateTimeOffset.UnixEpoch,
        };

    private static RunSettings ARun() =>
        new()
        {
            ScriptArguments = new Dictionary<string, string>(),
            Command = new JobCommand { Name = "glueetl" },
            JobMode = "SCRIPT",
            LogGroupName = "/aws-glue/jobs",
        };
}
