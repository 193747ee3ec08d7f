using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class RunSettingsResolverTests
{
    private static readonly JobSettings Job = JobRules
        .Complete(
            new JobSettings
            {
                Role = "arn:aws:iam::123456789012:role/service/Etl",
                Command = new JobCommand { Name = "glueetl", ScriptLocation = "s3://b/k.py" },
                DefaultArguments = new Dictionary<string, string>
                {
                    ["--a"] = "job",
                    ["--b"] = "job",
                    ["--fixed"] = "job",
                },
                NonOverridableArguments = new Dictionary<string, string> { ["--fixed"] = "kept" },
                WorkerType = "G.1X",
                NumberOfWorkers = 4,
                GlueVersion = "5.0",
            },
            null,
            new GlueDefaults()
        )
        .Value!;

    [Fact]
    public void Arguments_are_merged_key_by_key_and_only_the_runs_own_are_shown()
    {
        var own = new Dictionary<string, string> { ["--a"] = "run", ["--fixed"] = "run" };

        var run = RunSettingsResolver.Resolve(Job, new StartRun { Arguments = own }).Value!;

        Assert.Equal(own, run.Arguments);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["--a"] = "run",
                ["--b"] = "job",
                ["--fixed"] = "kept",
            },
            run.ScriptArguments
        );
    }

    [Fact]
    public void A_run_started_without_arguments_shows_none() =>
        Assert.Null(RunSettingsResolver.Resolve(Job, new StartRun()).Value!.Arguments);

    [Fact]
    public void Sizes_and_timeout_of_the_run_win_over_the_jobs()
    {
        var run = RunSettingsResolver
            .Resolve(
                Job,
                new StartRun
                {
                    WorkerType = "G.2X",
                    NumberOfWorkers = 3,
                    Timeout = 7,
                }
            )
            .Value!;

        Assert.Equal(
            ("G.2X", 3, 6.0, 6, 7),
            (run.WorkerType, run.NumberOfWorkers, run.MaxCapacity, run.AllocatedCapacity, run.Timeout)
        );
    }

    [Fact]
    public void Half_a_size_is_refused_although_the_job_has_the_other_half() =>
        Assert.Equal(
            "Please set both Worker Type and Number of Workers.",
            RunSettingsResolver.Resolve(Job, new StartRun { NumberOfWorkers = 3 }).Refusal?.Message
        );

    [Fact]
    public void An_argument_that_no_process_can_be_given_is_refused() =>
        Assert.StartsWith(
            "Arguments '--a' contains a NUL character",
            RunSettingsResolver
                .Resolve(Job, new StartRun { Arguments = new Dictionary<string, string> { ["--a"] = "\0" } })
                .Refusal?.Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("glueetl", null, "/aws-glue/jobs")]
    [InlineData("pythonshell", null, "/aws-glue/python-jobs")]
    [InlineData("glueetl", "kms", "/aws-glue/jobs-Etl-kms/")]
    public void The_log_group_goes_by_command_and_security_configuration(string command, string? security, string group)
    {
        var job = Job with
        {
            Command = new JobCommand { Name = command },
            SecurityConfiguration = security,
        };

        Assert.Equal(group, RunSettingsResolver.Resolve(job, new StartRun()).Value!.LogGroupName);
    }
}
