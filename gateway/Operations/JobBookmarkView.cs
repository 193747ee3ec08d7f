using GlueOrleans.GrainInterfaces.Bookmarks;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The model's structure <c>JobBookmarkEntry</c>.</summary>
internal sealed record JobBookmarkView
{
    public required string JobName { get; init; }

    /// <summary>Updates since the bookmark was new or reset.</summary>
    public required int Version { get; init; }

    /// <summary>Successful runs since then.</summary>
    public required int Run { get; init; }

    /// <summary>Above 0 only when an attempt before this one failed.</summary>
    public required int Attempt { get; init; }

    public string? PreviousRunId { get; init; }

    public string? RunId { get; init; }

    /// <summary>JSON, opaque to callers.</summary>
    public required string JobBookmark { get; init; }

    public static JobBookmarkView Of(BookmarkEntry entry) =>
        new()
        {
            JobName = entry.Job.Name,
            Version = entry.Version,
            Run = entry.Run,
            Attempt = entry.Attempt,
            PreviousRunId = entry.PreviousRunId,
            RunId = entry.RunId,
            JobBookmark = entry.State,
        };
}
