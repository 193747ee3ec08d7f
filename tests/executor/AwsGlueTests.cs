using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>The awsglue package that scripts get: glue-behaviour.md 6.1.4, line by line.</summary>
public sealed class AwsGlueTests : ExecutorTest
{
    [Theory]
    [InlineData("['--my-arg', 'v', '--other', 'w']", "['my-arg']", "r['my_arg'] + str('other' in r)", "vFalse")]
    [InlineData("[]", "[]", "r['job_bookmark_option']", "job-bookmark-disable")]
    [InlineData(
        "[]",
        "[]",
        "sorted(k for k, v in r.items() if v is None)",
        "['JOB_ID', 'JOB_RUN_ID', 'RedshiftTempDir', 'SECURITY_CONFIGURATION', 'TempDir', 'enable_data_lineage', 'encryption_type', 'job_bookmark_from', 'job_bookmark_to']"
    )]
    [InlineData("['--TempDir', 's3://t']", "['TempDir']", "r['RedshiftTempDir'] + r['TempDir']", "s3://ts3://t")]
    [InlineData("['--RedshiftTempDir', 's3://t']", "[]", "r['RedshiftTempDir'] + r['TempDir']", "s3://ts3://t")]
    [InlineData("['--x', '1', '--x', '2']", "['x']", "r['x']", "2")]
    [InlineData("['--x=1=2']", "['x']", "r['x']", "1=2")]
    [InlineData("['--x', '']", "['x']", "repr(r['x'])", "''")]
    [InlineData("['--JOB_RUN_ID', 'jr_1']", "[]", "r['JOB_RUN_ID']", "jr_1")]
    [InlineData(
        "['--continuation-option', 'continuation-readonly']",
        "[]",
        "r['job_bookmark_option']",
        "job-bookmark-pause"
    )]
    [InlineData(
        "['--job-bookmark-option', 'job-bookmark-pause', '--job-bookmark-from', 'a', '--job-bookmark-to', 'b']",
        "[]",
        "r['job_bookmark_from'] + r['job_bookmark_to']",
        "ab"
    )]
    [InlineData("[]", "['foo']", "", "GlueArgumentError: the following arguments are required: --foo")]
    [InlineData("[]", "['TempDir']", "", "GlueArgumentError: the following arguments are required: --TempDir")]
    [InlineData(
        "[]",
        "['JOB_RUN_ID']",
        "",
        "ArgumentError: argument --JOB_RUN_ID: conflicting option string: --JOB_RUN_ID"
    )]
    [InlineData("[]", "['JOB_ID']", "", "ArgumentError: argument --JOB_ID: conflicting option string: --JOB_ID")]
    [InlineData("[]", "['job-bookmark-option']", "", "RuntimeError: Using reserved arguments job-bookmark-option")]
    [InlineData("['--x', '--y']", "['x']", "", "GlueArgumentError: argument --x: expected one argument")]
    [InlineData("['--x']", "['x']", "", "GlueArgumentError: argument --x: expected one argument")]
    [InlineData(
        "['--job-bookmark-option', 'job-bookmark-pause', '--job-bookmark-from', 'a']",
        "[]",
        "",
        "RuntimeError: Missing option or value for --job-bookmark-to"
    )]
    [InlineData(
        "['--job-bookmark-from', 'a', '--job-bookmark-to', 'b']",
        "[]",
        "",
        "RuntimeError: Invalid option(s)--job-bookmark-from --job-bookmark-to"
    )]
    [InlineData("['--inp', 'v']", "['input']", "", "GlueArgumentError: the following arguments are required: --input")]
    [InlineData("['--inp', 'v']", "['input'], allow_abbrev=True", "r['input']", "v")]
    public async Task GetResolvedOptions_answers_as_Glue_does(string argv, string call, string show, string answer)
    {
        var program =
            "from awsglue.utils import getResolvedOptions, GlueArgumentError\n"
            + "try:\n"
            + $"    r = getResolvedOptions(['script.py'] + {argv}, {call})\n"
            + $"    print({(show.Length > 0 ? show : "r")})\n"
            + "except Exception as e:\n"
            + "    print(type(e).__name__ + ': ' + str(e))\n";

        var (exitCode, output, error) = await Python("-c", program);

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(answer, output.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("4.0", 0)]
    [InlineData("6.0", 1)]
    public async Task Abbreviations_stand_for_names_up_to_Glue_5(string version, int exitCode)
    {
        var run = ARun(
            "import sys\nfrom awsglue.utils import getResolvedOptions\nprint(getResolvedOptions(sys.argv, ['input'])['input'])",
            settings =>
                settings with
                {
                    GlueVersion = version,
                    ScriptArguments = new Dictionary<string, string> { ["--inp"] = "v" },
                }
        );

        Assert.Equal(exitCode, (await Exit(run)).ExitCode);
    }

    [Fact]
    public async Task A_job_is_initialized_and_committed()
    {
        var (exitCode, output, error) = await Python(
            "-c",
            "from awsglue.job import Job; j = Job(None); print(j.isInitialized()); j.init('n', {}); j.commit(); print(j.isInitialized())"
        );

        Assert.Equal(("", 0, "False\nTrue\n"), (error, exitCode, output));
    }

    [Fact]
    public async Task The_real_package_comes_first_where_it_is_installed()
    {
        var real = Directory.CreateDirectory(Path.Combine(Folder, "real", "awsglue")).FullName;
        await File.WriteAllTextAsync(Path.Combine(real, "__init__.py"), "");
        await File.WriteAllTextAsync(Path.Combine(real, "context.py"), "NAME = 'real'");
        await File.WriteAllTextAsync(Path.Combine(real, "job.py"), "NAME = 'real'");

        var (_, output, error) = await Python(
            "-c",
            $"import sys; sys.path.append('{Path.GetDirectoryName(real)}')\n"
                + "import awsglue.context, awsglue.job; print(awsglue.context.NAME, awsglue.job.NAME)"
        );

        Assert.Equal(("real real\n", ""), (output, error));
    }
}
