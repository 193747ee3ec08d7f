using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class JobRulesTests
{
    private static readonly JobSettings Minimal = new()
    {
        Role = "any text at all",
        Command = new JobCommand { Name = "glueetl" },
    };

    [Fact]
    public void A_minimal_job_gets_the_defaults_that_terraform_reads_back()
    {
        var job = Complete(Minimal);

        Assert.Equal("SCRIPT", job.JobMode);
        Assert.False(job.JobRunQueuingEnabled);
        Assert.Equal(1, job.ExecutionProperty?.MaxConcurrentRuns);
        Assert.Equal(0, job.MaxRetries);
        Assert.Equal(2880, job.Timeout);
        Assert.Equal(10, job.MaxCapacity);
        Assert.Equal(10, job.AllocatedCapacity);
        Assert.Null(job.ExecutionClass);
    }

    [Theory]
    [InlineData("glueetl", "4.0", 2880)]
    [InlineData("glueetl", "5.0", 480)]
    [InlineData("glueray", "5.1", 480)]
    [InlineData("pythonshell", null, 2880)]
    [InlineData("gluestreaming", "5.0", null)]
    public void The_default_timeout_goes_by_version_and_command(string command, string? version, int? minutes) =>
        Assert.Equal(
            minutes,
            Complete(
                Minimal with
                {
                    Command = new JobCommand { Name = command },
                    GlueVersion = version,
                }
            ).Timeout
        );

    [Fact]
    public void An_update_that_names_no_glue_version_keeps_the_old_one() =>
        Assert.Equal("5.0", JobRules.Complete(Minimal, "5.0", new GlueDefaults()).Value!.GlueVersion);

    [Fact]
    public void What_was_sent_is_kept()
    {
        var sent = Minimal with
        {
            Description = "nightly",
            DefaultArguments = new Dictionary<string, string>(),
            MaxCapacity = 10,
            ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 3 },
            CodeGenConfigurationNodes = """{"node-1":{"Anything":[1,2]}}""",
        };

        var stored = Complete(sent);

        Assert.Equal(
            sent with
            {
                JobMode = "SCRIPT",
                JobRunQueuingEnabled = false,
                MaxRetries = 0,
                GlueVersion = "0.9",
                Timeout = 2880,
                AllocatedCapacity = 10,
            },
            stored
        );
    }

    public static TheoryData<JobSettings, string> Refused =>
        new()
        {
            { Minimal with { Role = "" }, "Role should not be null or empty" },
            { Minimal with { Command = null }, "Command name should not be null or empty" },
            { Minimal with { Command = new JobCommand() }, "Command name should not be null or empty" },
            { Minimal with { Command = new JobCommand { Name = "sparketl" } }, "Command name 'sparketl' is not valid" },
            { Minimal with { MaxRetries = 11 }, "MaxRetries 11 is not valid" },
            { Minimal with { MaxRetries = -1 }, "MaxRetries -1 is not valid" },
            {
                Minimal with
                {
                    ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 0 },
                },
                "MaxConcurrentRuns 0 is not valid"
            },
            { Minimal with { Timeout = 10080 }, "Timeout 10080 is not valid: it must be less than 7 days" },
            {
                Minimal with
                {
                    DefaultArguments = new Dictionary<string, string> { ["--a"] = "x\0y" },
                },
                "DefaultArguments '--a' contains a NUL character"
            },
            {
                Minimal with
                {
                    DefaultArguments = new Dictionary<string, string> { ["--a"] = new('x', 266_240) },
                },
                "DefaultArguments are 266243 bytes long"
            },
            {
                Minimal with
                {
                    NonOverridableArguments = new Dictionary<string, string> { ["--a"] = new('x', 266_240) },
                },
                "NonOverridableArguments are 266243 bytes long"
            },
            {
                Minimal with
                {
                    WorkerType = "G.4X",
                    NumberOfWorkers = 2,
                    GlueVersion = "2.0",
                },
                "Worker Type G.4X is not supported with Glue version 2.0"
            },
            { Minimal with { ExecutionClass = "FLEX" }, "Execution Class FLEX is not supported with Glue version 0.9" },
            {
                Minimal with
                {
                    ExecutionClass = "FLEX",
                    GlueVersion = "4.0",
                    WorkerType = "G.8X",
                    NumberOfWorkers = 2,
                },
                "Execution Class FLEX is not supported with Worker Type G.8X"
            },
            { Minimal with { WorkerType = "G.1X" }, "Please set both Worker Type and Number of Workers." },
        };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void A_definition_against_the_rules_is_refused_with_the_value_in_the_message(
        JobSettings sent,
        string message
    ) =>
        Assert.StartsWith(
            message,
            JobRules.Complete(sent, null, new GlueDefaults()).Refusal?.Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void An_update_is_held_to_the_version_that_it_keeps()
    {
        var flex = Minimal with { ExecutionClass = "FLEX" };

        Assert.Equal("FLEX", JobRules.Complete(flex, "5.0", new GlueDefaults()).Value?.ExecutionClass);
        Assert.StartsWith(
            "Execution Class FLEX is not supported with Glue version 2.0",
            JobRules.Complete(flex, "2.0", new GlueDefaults()).Refusal?.Message,
            StringComparison.Ordinal
        );
    }

    public static TheoryData<JobSettings> Accepted =>
        new()
        {
            // What Airflow sends unless told otherwise, with any version.
            Minimal with
            {
                MaxCapacity = 10,
                MaxRetries = 0,
                GlueVersion = "5.0",
                LogUri = "s3://logs",
            },
            Minimal with
            {
                MaxCapacity = 10,
                ExecutionClass = "FLEX",
                GlueVersion = "4.0",
            },
            // Sizes without a version.
            Minimal with
            {
                WorkerType = "G.1X",
                NumberOfWorkers = 2,
            },
            Minimal with
            {
                WorkerType = "G.4X",
                NumberOfWorkers = 2,
            },
            // Combinations that only other tools refuse.
            Minimal with
            {
                JobRunQueuingEnabled = true,
                MaxRetries = 3,
            },
            Minimal with
            {
                JobRunQueuingEnabled = true,
                ExecutionClass = "FLEX",
                GlueVersion = "5.0",
            },
            // What has no meaning for the command.
            Minimal with
            {
                MaintenanceWindow = "Sun:10",
            },
            Minimal with
            {
                Command = new JobCommand
                {
                    Name = "glueetl",
                    PythonVersion = "3.9",
                    Runtime = "Ray2.4",
                },
            },
            Minimal with
            {
                Command = new JobCommand { Name = "pythonshell" },
                MaintenanceWindow = "Sun:10",
            },
            // A run may give the other end of the range, or another option.
            Minimal with
            {
                DefaultArguments = new Dictionary<string, string> { ["--job-bookmark-from"] = "jr_1" },
            },
        };

    [Theory]
    [MemberData(nameof(Accepted), DisableDiscoveryEnumeration = true)]
    public void What_real_clients_send_is_accepted(JobSettings sent) =>
        Assert.Null(JobRules.Complete(sent, null, new GlueDefaults()).Refusal);

    private static JobSettings Complete(JobSettings sent) => JobRules.Complete(sent, null, new GlueDefaults()).Value!;
}
