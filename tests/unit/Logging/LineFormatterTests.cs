using GlueOrleans.Silo.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Xunit;

namespace GlueOrleans.Tests.Unit.Logging;

public sealed class LineFormatterTests
{
    [Theory]
    [InlineData(
        "a\n00:00:00.000 info: GlueOrleans[1] all is well",
        "a\\n00:00:00.000 info: GlueOrleans[1] all is well"
    )]
    [InlineData("a\rb", "a\\rb")]
    [InlineData("a\u0085b\u2028c\u2029d", "a\\u0085b\\u2028c\\u2029d")]
    [InlineData("\e[2J\e]0;title\a", "\\u001B[2J\\u001B]0;title\\u0007")]
    [InlineData("\u009B2J", "\\u009B2J")]
    [InlineData("\u202Etxt.exe", "\\u202Etxt.exe")]
    [InlineData("a\0\tb\u007F", "a\\u0000\\tb\\u007F")]
    [InlineData("STARTING → RUNNING, “täglich”, 日本語 🚀", "STARTING → RUNNING, “täglich”, 日本語 🚀")]
    public void Whatever_is_in_a_message_it_is_one_line_and_nothing_else(string message, string shown) =>
        Assert.Equal($"info: GlueOrleans.Grains[7] {shown}\n", Write(message));

    [Fact]
    public void An_exception_is_on_the_same_line()
    {
        try
        {
            throw new InvalidOperationException("first\nsecond \e[31m");
        }
        catch (InvalidOperationException e)
        {
            var line = Write("It failed.", e);
            Assert.StartsWith(
                "info: GlueOrleans.Grains[7] It failed. System.InvalidOperation",
                line,
                StringComparison.Ordinal
            );
            Assert.Contains("first second \\u001B[31m", line, StringComparison.Ordinal);
            Assert.Contains(nameof(An_exception_is_on_the_same_line), line, StringComparison.Ordinal);
            Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_time_comes_first() => Assert.Matches(@"^\d\d:\d\d:\d\d info: ", Write("a", format: "HH:mm:ss "));

    private static string Write(string message, Exception? exception = null, string? format = null)
    {
        using var written = new StringWriter { NewLine = "\n" };
        var formatter = new LineFormatter(
            new Fixed(new ConsoleFormatterOptions { TimestampFormat = format }),
            hasColours: false
        );
        formatter.Write(
            new LogEntry<string>(
                LogLevel.Information,
                "GlueOrleans.Grains",
                new EventId(7),
                message,
                exception,
                (state, _) => state
            ),
            scopeProvider: null,
            written
        );
        return written.ToString();
    }

    private sealed class Fixed(ConsoleFormatterOptions value) : IOptionsMonitor<ConsoleFormatterOptions>
    {
        public ConsoleFormatterOptions CurrentValue => value;

        public ConsoleFormatterOptions Get(string? name) => value;

        public IDisposable? OnChange(Action<ConsoleFormatterOptions, string?> listener) => null;
    }
}
