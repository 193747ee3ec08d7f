using CsCheck;
using GlueOrleans.GrainInterfaces;
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

    [Fact]
    public void The_strongest_who_gives_an_argument_decides_it() =>
        Gen.Select(SomeArguments, SomeArguments, SomeArguments)
            .Sample(
                (byDefault, own, fixedOnes) =>
                {
                    var job = Job with { DefaultArguments = byDefault, NonOverridableArguments = fixedOnes };
                    var run = RunSettingsResolver.Resolve(job, new StartRun { Arguments = own }).Value!;
                    var names = byDefault.Keys.Union(own.Keys).Union(fixedOnes.Keys).ToHashSet();
                    return names.SetEquals(run.ScriptArguments.Keys)
                        && names.All(name =>
                            run.ScriptArguments[name]
                            == (fixedOnes.GetValueOrDefault(name) ?? own.GetValueOrDefault(name) ?? byDefault[name])
                        );
                }
            );

    private static readonly Gen<Dictionary<string, string>> SomeArguments = Gen.Dictionary(
        Gen.OneOf("--a", "--b", "--c", "--d"),
        Gen.String[Gen.Char['a', 'z'], 0, 3]
    )[0, 4];

    [Fact]
    public void A_runs_size_is_held_to_the_jobs_version_and_command() =>
        Assert.StartsWith(
            "Worker Type Standard is not supported with Glue version 5.0",
            Refused(Job, new StartRun { WorkerType = "Standard", NumberOfWorkers = 3 }),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_run_sized_by_DPUs_takes_no_workers_from_its_job()
    {
        var run = RunSettingsResolver.Resolve(Job, new StartRun { MaxCapacity = 7 }).Value!;

        Assert.Equal(
            (null, null, 7.0, 7),
            (run.WorkerType, run.NumberOfWorkers, run.MaxCapacity, run.AllocatedCapacity)
        );
    }

    [Fact]
    public void A_run_may_be_flex_where_its_job_is_not()
    {
        var flex = new StartRun { ExecutionClass = "FLEX" };

        Assert.Equal("FLEX", RunSettingsResolver.Resolve(Job, flex).Value?.ExecutionClass);
        Assert.StartsWith(
            "Execution Class FLEX is not supported with Glue version 2.0",
            Refused(Job with { GlueVersion = "2.0" }, flex),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_size_that_flex_has_not_is_refused_unless_the_run_is_standard()
    {
        var flexJob = Job with { ExecutionClass = "FLEX" };
        var large = new StartRun { WorkerType = "G.8X", NumberOfWorkers = 2 };

        Assert.StartsWith(
            "Execution Class FLEX is not supported with Worker Type G.8X",
            Refused(flexJob, large),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "STANDARD",
            RunSettingsResolver.Resolve(flexJob, large with { ExecutionClass = "STANDARD" }).Value?.ExecutionClass
        );
    }

    [Fact]
    public void The_limit_on_arguments_holds_for_the_runs_own_and_for_all_together()
    {
        static Dictionary<string, string> Long(string name, int length) => new() { [name] = new string('x', length) };
        var job = Job with { DefaultArguments = Long("--long", 200_000) };

        Assert.StartsWith(
            "Arguments are 266243 bytes long",
            Refused(Job, new StartRun { Arguments = Long("--a", 266_240) }),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "The arguments of the run and of its job together are 300020 bytes long",
            Refused(job, new StartRun { Arguments = Long("--own", 100_000 - 2) }),
            StringComparison.Ordinal
        );
        Assert.False(
            RunSettingsResolver.Resolve(job, new StartRun { Arguments = Long("--long", 250_000) }).IsRefused,
            "A run's value stands in place of the job's, not beside it."
        );
    }

    [Fact]
    public void Bookmark_arguments_that_no_script_could_use_are_refused_as_they_are_after_the_merge()
    {
        var pausing = Job with
        {
            DefaultArguments = new Dictionary<string, string>
            {
                ["--job-bookmark-option"] = "job-bookmark-pause",
                ["--job-bookmark-from"] = "jr_1",
            },
        };
        var to = new StartRun { Arguments = new Dictionary<string, string> { ["--job-bookmark-to"] = "jr_2" } };

        Assert.False(RunSettingsResolver.Resolve(pausing, to).IsRefused);
        Assert.StartsWith(
            "Argument --job-bookmark-to is missing or empty",
            Refused(pausing, new StartRun()),
            StringComparison.Ordinal
        );
    }

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

    private static string? Refused(JobSettings job, StartRun request)
    {
        var refusal = RunSettingsResolver.Resolve(job, request).Refusal;
        Assert.Equal(RefusalKind.InvalidInput, refusal?.Kind);
        return refusal?.Message;
    }
}
