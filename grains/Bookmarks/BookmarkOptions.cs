using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Grains.Bookmarks;

/// <summary>What a run does with its job's bookmark.</summary>
public enum BookmarkMode
{
    /// <summary>Neither read nor written: the run processes everything. The default.</summary>
    Disable = 0,

    /// <summary>Read at the start, written when the run succeeds.</summary>
    Enable,

    /// <summary>Read and never written; with a range, only what lies in it is read.</summary>
    Pause,
}

/// <summary>A run's bookmark arguments, understood.</summary>
/// <remarks>
/// They mean the same for every command. Glue itself has no bookmarks for python shell, and checkpoints in their place for
/// streaming; here a python shell job may use them: it is what those run who have no Spark. Source: glue-behaviour.md 6.0.6,
/// 6.0.7, 6.1.4.
/// </remarks>
/// <param name="Mode">What the run does.</param>
/// <param name="From">A run id: input up to and including that run's is left out. <c>null</c>: no range. Only with Pause,
/// and only together with <paramref name="To"/>. Whether there is such a run is for the bookmarks themselves to find out.</param>
/// <param name="To">A run id: input after that run's is left out.</param>
public sealed record BookmarkOptions(BookmarkMode Mode, string? From, string? To)
{
    public const string Option = "--job-bookmark-option";
    public const string FromOption = "--job-bookmark-from";
    public const string ToOption = "--job-bookmark-to";

    /// <summary>The older spelling of <see cref="Option"/>, which wins when both are given.</summary>
    public const string LegacyOption = "--continuation-option";

    private static readonly Dictionary<string, BookmarkMode> Modes = new(StringComparer.Ordinal)
    {
        ["job-bookmark-enable"] = BookmarkMode.Enable,
        ["job-bookmark-pause"] = BookmarkMode.Pause,
        ["job-bookmark-disable"] = BookmarkMode.Disable,
    };

    private static readonly Dictionary<string, BookmarkMode> LegacyModes = new(StringComparer.Ordinal)
    {
        ["continuation-enabled"] = BookmarkMode.Enable,
        ["continuation-readonly"] = BookmarkMode.Pause,
        ["continuation-ignore"] = BookmarkMode.Disable,
    };

    /// <summary>Reads the options from the arguments that the script gets. Refusal: InvalidInput, for just what the script's
    /// own <c>getResolvedOptions</c> would fail over, later and with less to say: a value that is none of the three, half a
    /// range, a range without pause.</summary>
    /// <param name="scriptArguments">After the merge of the job's and the run's: <c>RunSettings.ScriptArguments</c>.</param>
    public static Outcome<BookmarkOptions> Parse(IReadOnlyDictionary<string, string> scriptArguments)
    {
        if (
            (Unknown(scriptArguments, Option, Modes) ?? Unknown(scriptArguments, LegacyOption, LegacyModes)) is
            { } unknown
        )
            return Refusal.InvalidInput(unknown);

        var mode =
            scriptArguments.TryGetValue(Option, out var value) ? Modes[value]
            : scriptArguments.TryGetValue(LegacyOption, out var legacy) ? LegacyModes[legacy]
            : BookmarkMode.Disable;
        var from = scriptArguments.GetValueOrDefault(FromOption);
        var to = scriptArguments.GetValueOrDefault(ToOption);
        return RangeProblem(mode, from, to) is { } problem
            ? Refusal.InvalidInput(problem)
            : new BookmarkOptions(mode, from, to);
    }

    private static string? Unknown(
        IReadOnlyDictionary<string, string> arguments,
        string option,
        Dictionary<string, BookmarkMode> modes
    ) =>
        arguments.TryGetValue(option, out var value) && !modes.ContainsKey(value)
            ? $"Argument {option} '{value}' is not valid: use one of {string.Join(", ", modes.Keys)}, or leave it out."
            : null;

    private static string? RangeProblem(BookmarkMode mode, string? from, string? to)
    {
        if (from is null && to is null)
            return null;
        if (string.IsNullOrEmpty(from) || string.IsNullOrEmpty(to))
        {
            return $"Argument {(string.IsNullOrEmpty(from) ? FromOption : ToOption)} is missing or empty: "
                + $"give {FromOption} and {ToOption} a run id each, or leave both out.";
        }

        return mode == BookmarkMode.Pause
            ? null
            : $"Arguments {FromOption} '{from}' and {ToOption} '{to}' are only valid with {Option} job-bookmark-pause: "
                + "set that, or leave both out.";
    }
}
