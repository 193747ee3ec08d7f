using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Events;

/// <summary>Where the events of runs go. Configuration section <c>Events</c>.</summary>
internal sealed class EventOptions
{
    /// <summary>The file that gets one JSON document per line.</summary>
    /// <remarks>A path; a relative one counts from the data folder. Empty = none. Default <c>events.jsonl</c>.</remarks>
    public string File { get; set; } = "events.jsonl";

    /// <summary>How large the file may grow before it is put aside as <c>events.1.jsonl</c>, in place of the last such.</summary>
    /// <remarks>Unit: bytes, 4 KiB to 1 GiB; with the old file twice as much is kept. Default 10 MiB.</remarks>
    public long MaxFileBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>Gets each event as the body of a POST; <c>null</c> or empty (the default) = nobody.</summary>
    /// <remarks>http or https. May hold a secret, so no log shows more of it than the host.</remarks>
    public string? WebhookUrl { get; set; }
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
internal sealed class ValidateEventOptions : IValidateOptions<EventOptions>
{
    private const long LeastBytes = 4 * 1024;
    private const long MostBytes = 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        List<string> faults = [];
        if (options.MaxFileBytes is < LeastBytes or > MostBytes)
            faults.Add(
                $"Events:MaxFileBytes is {options.MaxFileBytes}: give a number of bytes from {LeastBytes} to {MostBytes}."
            );
        if (
            !string.IsNullOrEmpty(options.WebhookUrl)
            && !(Uri.TryCreate(options.WebhookUrl, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
        )
            faults.Add(
                "Events:WebhookUrl is no http or https URL such as http://127.0.0.1:9000/glue. (It is not repeated: it may hold a secret.)"
            );
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
