using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Logging;

/// <summary>Writes each entry of the log as one line, in which nobody's text can be taken for anything else.</summary>
/// <remarks>
/// What is logged has words of others in it: names of jobs, what scripts have printed, what was in a request's headers. A line's
/// end in them would begin a line that the node has not written, and an escape sequence would make a terminal do things; so
/// whatever is not to be seen is written as <c>\n</c> or <c>\u001B</c>. The layout is that of .NET's <c>simple</c>.
/// </remarks>
internal sealed class LineFormatter : ConsoleFormatter
{
    public const string FormatterName = "line";

    private const string Plain = "\e[39m\e[22m";

    private readonly IOptionsMonitor<ConsoleFormatterOptions> _options;
    private readonly bool _hasColours;

    public LineFormatter(IOptionsMonitor<ConsoleFormatterOptions> options)
        : this(
            options,
            !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 }
        ) { }

    /// <param name="options">Time and scopes.</param>
    /// <param name="hasColours">A terminal shows the level in one.</param>
    internal LineFormatter(IOptionsMonitor<ConsoleFormatterOptions> options, bool hasColours)
        : base(FormatterName) => (_options, _hasColours) = (options, hasColours);

    public override void Write<TState>(
        in LogEntry<TState> logEntry,
        IExternalScopeProvider? scopeProvider,
        TextWriter textWriter
    )
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null)
            return;
        var line = new StringBuilder();
        var (level, colour) = Level(logEntry.LogLevel);
        line.Append(Timestamp())
            .Append(_hasColours ? $"{colour}{level}{Plain}" : level)
            .Append(CultureInfo.InvariantCulture, $": {logEntry.Category}[{logEntry.EventId.Id}]");
        if (_options.CurrentValue.IncludeScopes)
            scopeProvider?.ForEachScope(static (scope, to) => Append(to.Append(" => "), $"{scope}"), line);
        Append(line.Append(' '), message);
        // A stack trace has lines of its own, none of which is worth one here.
        if (logEntry.Exception is { } exception)
            Append(line.Append(' '), exception.ToString().ReplaceLineEndings(" "));
        textWriter.WriteLine(line);
    }

    /// <summary>What has no shape of its own, or changes that of what is around it, as an escape.</summary>
    internal static void Append(StringBuilder line, string? text)
    {
        foreach (var unit in text ?? "")
        {
            switch (char.GetUnicodeCategory(unit))
            {
                case UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator:
                    line.Append(
                        unit switch
                        {
                            '\n' => "\\n",
                            '\r' => "\\r",
                            '\t' => "\\t",
                            _ => $"\\u{(int)unit:X4}",
                        }
                    );
                    break;
                default:
                    line.Append(unit);
                    break;
            }
        }
    }

    private string Timestamp() =>
        _options.CurrentValue switch
        {
            { TimestampFormat: not { Length: > 0 } } => "",
            { UseUtcTimestamp: true } o => TimeProvider
                .System.GetUtcNow()
                .ToString(o.TimestampFormat, CultureInfo.InvariantCulture),
            var o => TimeProvider.System.GetLocalNow().ToString(o.TimestampFormat, CultureInfo.InvariantCulture),
        };

    private static (string Name, string Colour) Level(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => ("trce", "\e[37m"),
            LogLevel.Debug => ("dbug", "\e[37m"),
            LogLevel.Information => ("info", "\e[32m"),
            LogLevel.Warning => ("warn", "\e[1m\e[33m"),
            LogLevel.Error => ("fail", "\e[1m\e[31m"),
            LogLevel.Critical => ("crit", "\e[1m\e[31m"),
            _ => ("none", ""),
        };
}
