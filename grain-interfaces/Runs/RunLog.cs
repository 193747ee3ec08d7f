namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>The two logs of a run.</summary>
public enum RunLog
{
    Unset = 0,

    /// <summary>Standard output: the group <c>…/output</c>.</summary>
    Output,

    /// <summary>Standard error: the group <c>…/error</c>.</summary>
    Error,
}

/// <summary>Which events of a log to read, and how many at most.</summary>
[GenerateSerializer, Alias("RunLogRange"), Immutable]
public sealed record RunLogRange
{
    /// <summary>Bytes that each event counts for besides its text, as CloudWatch Logs counts them.</summary>
    public const int EventOverhead = 26;

    /// <summary>Where to begin: <see cref="RunLogPart.Start"/> or <see cref="RunLogPart.End"/> of another part.
    /// <c>null</c>: the beginning of the log, or, backwards, its end.</summary>
    [Id(0)]
    public long? Position { get; init; }

    /// <summary>The events that end at the position, not those that begin there. They come oldest first either way.</summary>
    [Id(1)]
    public bool Backwards { get; init; }

    /// <summary>At least 1.</summary>
    [Id(2)]
    public required int MaxEvents { get; init; }

    /// <summary>UTF-8 bytes of all texts, and <see cref="EventOverhead"/> for each; at least a MiB holds any event.</summary>
    [Id(3)]
    public required int MaxBytes { get; init; }
}

/// <summary>One line of a log.</summary>
/// <param name="Position">The offset of its first byte: names the event in its log, for ever.</param>
/// <param name="Text">As printed, with its line end; bytes that are not UTF-8 are replaced by U+FFFD.</param>
[GenerateSerializer, Alias("RunLogEvent"), Immutable]
public readonly record struct RunLogEvent([property: Id(0)] long Position, [property: Id(1)] string Text);

/// <summary>Adjacent events of a log.</summary>
[GenerateSerializer, Alias("RunLogPart"), Immutable]
public sealed record RunLogPart
{
    /// <summary>In the order they were printed. Empty at the end of the log, or, backwards, at its beginning.</summary>
    [Id(0)]
    public required IReadOnlyList<RunLogEvent> Events { get; init; }

    /// <summary>Reading backwards from here continues before the first event.</summary>
    [Id(1)]
    public required long Start { get; init; }

    /// <summary>Reading forwards from here continues after the last event.</summary>
    [Id(2)]
    public required long End { get; init; }

    /// <summary>No line of the log is older: when the run was accepted. (A file keeps no time for each line.)</summary>
    [Id(3)]
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>No line that was there is younger: when the log was last written to.</summary>
    [Id(4)]
    public required DateTimeOffset NotAfter { get; init; }
}
