using GlueOrleans.Executors;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class FailureMessageTests
{
    private const string Frames =
        "Traceback (most recent call last):\n  File \"/x/script.py\", line 3, in <module>\n    go()\n";

    private static readonly Dictionary<string, string> NoArguments = [];

    [Theory]
    [InlineData(Frames + "    ^^^^\nRuntimeError: Error for testing\n", "RuntimeError: Error for testing")]
    [InlineData(
        Frames
            + "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
            + Frames
            + "my.mod.Bad: second\n",
        "my.mod.Bad: second"
    )]
    [InlineData(
        "  File \"/x/script.py\", line 1\n    print('a'\n         ^\nSyntaxError: '(' was never closed\n",
        "SyntaxError: '(' was never closed"
    )]
    [InlineData(Frames + "ValueError: first\nsecond\n", "ValueError: first")]
    [InlineData(Frames + "AssertionError\nTerminated by test\n", "AssertionError")]
    [InlineData("all is well\nError: none\n", "Command failed with exit code 1")]
    [InlineData("", "Command failed with exit code 1")]
    public void The_last_exception_is_the_reason(string standardError, string message)
    {
        Assert.Equal(message, FailureMessage.For(1, standardError, NoArguments));
    }

    [Theory]
    [InlineData(143, "The script was ended by SIGTERM (signal 15).")]
    [InlineData(128 + 42, "The script was ended by a signal (signal 42).")]
    [InlineData(255, "Command failed with exit code 255")]
    public void A_signal_is_named(int exitCode, string message)
    {
        Assert.Equal(message, FailureMessage.For(exitCode, "", NoArguments));
    }

    [Fact]
    public void A_program_that_cannot_be_run_comes_with_a_hint()
    {
        Assert.Equal(
            "Command failed with exit code 127: sh: nosuch: not found. "
                + "The program of the command line cannot be run; see Executor:Commands.",
            FailureMessage.For(127, "sh: nosuch: not found\n", NoArguments)
        );
    }

    [Fact]
    public void A_long_message_is_cut()
    {
        var error = Frames + "ValueError: " + new string('x', 9999) + "\n";
        Assert.Equal(2048, FailureMessage.For(1, error, NoArguments)!.Length);
    }

    [Fact]
    public void A_secret_that_is_longer_than_a_message_is_taken_out_whole()
    {
        var secret = new string('s', 5000);
        Assert.Equal(
            "ValueError: *** is wrong",
            FailureMessage.For(
                1,
                $"{Frames}ValueError: {secret} is wrong\n",
                new Dictionary<string, string> { ["--private_key"] = secret }
            )
        );
    }
}
