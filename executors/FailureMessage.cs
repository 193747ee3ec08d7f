using System.Globalization;
using System.Text.RegularExpressions;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Executors;

/// <summary>Says in a sentence why a script failed, as Glue does in a run's ErrorMessage.</summary>
internal static partial class FailureMessage
{
    /// <summary>Characters. Longer messages are cut.</summary>
    public const int Limit = 2048;

    /// <summary>Bytes of standard error that are read. A traceback before them is not found.</summary>
    public const int Tail = 64 << 10;

    /// <summary><c>null</c> for exit code 0.</summary>
    /// <param name="exitCode">Of the script.</param>
    /// <param name="standardError">Its end.</param>
    /// <param name="arguments">The script's. What is secret of them is taken out before the message is cut: of one that is
    /// cut through, the rest would not be found any more.</param>
    public static string? For(int exitCode, string standardError, IReadOnlyDictionary<string, string> arguments)
    {
        if (exitCode == 0)
            return null;
        if (Signal(exitCode) is { } signal)
            return $"The script was ended by {signal} (signal {exitCode - 128}).";
        var message = LastException(standardError);
        if (message is null)
        {
            message = string.Create(CultureInfo.InvariantCulture, $"Command failed with exit code {exitCode}");
            if (exitCode is 126 or 127 && LastLine(standardError) is { } line)
                message += $": {line}. The program of the command line cannot be run; see Executor:Commands.";
        }

        return Cut(SecretNames.Redact(message, arguments));
    }

    public static string Cut(string message) => message.Length <= Limit ? message : message[..(Limit - 1)] + "…";

    /// <summary>
    /// The line after the frames of the last traceback. Frames are what the search goes by, not the header: a chained
    /// exception has several headers and a SyntaxError in the script none, but each has frames.
    /// </summary>
    private static string? LastException(string standardError)
    {
        string? last = null;
        var inFrames = false;
        foreach (var raw in standardError.AsSpan().EnumerateLines())
        {
            if (FrameLine().IsMatch(raw))
            {
                inFrames = true;
            }
            else if (inFrames && raw.Length > 0 && raw[0] != ' ')
            {
                inFrames = false;
                if (ExceptionLine().IsMatch(raw))
                    last = raw.TrimEnd().ToString();
            }
        }

        return last;
    }

    private static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();

    /// <summary>The name of the signal behind a shell's 128 + N; <c>null</c> when it is none.</summary>
    private static string? Signal(int exitCode) =>
        (exitCode - 128) switch
        {
            1 => "SIGHUP",
            2 => "SIGINT",
            3 => "SIGQUIT",
            4 => "SIGILL",
            5 => "SIGTRAP",
            6 => "SIGABRT",
            8 => "SIGFPE",
            9 => "SIGKILL",
            11 => "SIGSEGV",
            13 => "SIGPIPE",
            14 => "SIGALRM",
            15 => "SIGTERM",
            24 => "SIGXCPU",
            25 => "SIGXFSZ",
            > 0 and <= 64 => "a signal",
            _ => null,
        };

    [GeneratedRegex("""^  File ".*", line \d+""")]
    private static partial Regex FrameLine();

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{Nd}_.]*(:|$)")]
    private static partial Regex ExceptionLine();
}
