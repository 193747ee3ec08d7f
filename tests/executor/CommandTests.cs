using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class CommandTests : ExecutorTest
{
    [Fact]
    public async Task Without_its_program_a_command_falls_back_to_python_if_that_finds_the_imports()
    {
        Options.Commands["glueetl"] = "no-such-submit {script} {arguments}";
        var run = ARun(
            """
            import sys
            from awsglue.utils import getResolvedOptions
            try:
                import pyspark_that_is_optional
            except ImportError:
                pass
            print(getResolvedOptions(sys.argv, ["JOB_NAME"])["JOB_NAME"])
            """,
            Command("glueetl")
        );

        Assert.Equal(0, (await Exit(run)).ExitCode);

        Assert.Equal("nightly\n", Output(run));
    }

    [Fact]
    public async Task Imports_that_python_cannot_find_are_named_with_their_remedy()
    {
        Options.Commands["glueetl"] = "no-such-submit {script} {arguments}";
        var run = ARun(
            "import os.path\nfrom awsglue.context import GlueContext\nimport no_such_module.part\nfrom awsglue import transforms\n",
            Command("glueetl")
        );

        var message = await LaunchFailure(run);

        Assert.StartsWith(
            "The script imports awsglue.context, awsglue.transforms, no_such_module.part, which python3 cannot find; "
                + "no-such-submit (Executor:Commands:glueetl) is not on PATH.",
            message,
            StringComparison.Ordinal
        );
        Assert.Contains("pip install pyspark", message);
        Assert.Contains("pip install no_such_module", message);
        Assert.Contains("set Executor:Commands:glueetl", message);
    }

    [Fact]
    public async Task A_scala_script_needs_a_command_line()
    {
        Options.Commands["glueetl"] = "";
        var run = ARun(
            "object Job",
            settings =>
                Command("glueetl")(settings) with
                {
                    ScriptArguments = new Dictionary<string, string> { ["--job-language"] = "scala" },
                }
        );

        Assert.StartsWith(
            "The script is in Scala (--job-language), and Executor:Commands:glueetl is not set.",
            await LaunchFailure(run),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_command_that_is_not_known_is_named()
    {
        Assert.StartsWith(
            "'gluetel' is no command this node can run. Use one of glueetl, glueray, gluestreaming, pythonshell",
            await LaunchFailure(ARun("pass", Command("gluetel"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_missing_interpreter_is_named()
    {
        Options.Python = "no-such-python";

        Assert.Equal(
            "no-such-python is not on PATH. Install it, or set Executor:Python to an interpreter.",
            await LaunchFailure(ARun("pass"))
        );
    }

    [Fact]
    public async Task A_command_line_that_is_too_long_fails_the_launch()
    {
        var run = ARun(
            "pass",
            settings =>
                settings with
                {
                    ScriptArguments = new Dictionary<string, string> { ["--long"] = new('x', 200_000) },
                }
        );

        Assert.Contains("Argument list too long", await LaunchFailure(run));
    }

    [Theory]
    [InlineData("a  b {script}", new[] { "a", "b", "S" })]
    [InlineData("'a b' \"c d\"e {script} {arguments} f", new[] { "a b", "c de", "S", "1", "2", "f" })]
    [InlineData("a '' \\  '\\' {script}", new[] { "a", "", " ", "\\", "S" })]
    [InlineData("{python} -u {script} {arguments}", new[] { "P", "-u", "S", "1", "2" })]
    [InlineData("a x{script} {script}", new[] { "a", "x{script}", "S" })]
    public void A_command_line_is_split_into_words(string template, string[] words)
    {
        Assert.Equal(words, CommandTemplate.Parse(template)!.CommandLine("P", "S", ["1", "2"]));
    }

    [Theory]
    [InlineData("python3 'x {script}", "a quote is not closed")]
    [InlineData("python3", "must contain {script}")]
    [InlineData("{script} x", "must begin with a program")]
    public void A_command_line_with_a_fault_is_refused_at_start_up(string template, string fault)
    {
        Options.Commands["glueetl"] = template;
        Options.StopGrace = TimeSpan.Zero;

        var result = new ValidateProcessExecutorOptions().Validate(null, Options);

        Assert.Contains("Executor:StopGrace", result.FailureMessage);
        Assert.Contains("Executor:Commands:glueetl", result.FailureMessage);
        Assert.Contains(fault, result.FailureMessage);
    }

    private static Func<RunSettings, RunSettings> Command(string name) =>
        settings => settings with { Command = settings.Command with { Name = name } };
}
