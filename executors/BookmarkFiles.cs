using System.Text;
using System.Text.Json;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Executors;

/// <summary>The two files in a run's directory by which its script and its node speak of the job's bookmark.</summary>
/// <remarks>
/// <c>bookmark-input.json</c> comes into being once, complete, before the script is started:
/// <c>{"mode":"enable","revision":7,"version":3,"state":{…},"upTo":null}</c>.
/// <c>bookmark-commit.json</c> is put in place by the script, complete, with each <c>Job.commit()</c>: the new state, a JSON
/// object. It counts when the script exits with 0, for whichever node finds that out. Both are flushed: a run may be
/// launched anew after a power cut, and must not find half a file.
/// </remarks>
/// <param name="folder">The run's.</param>
/// <param name="work">Where its script may write: the same, or a folder of its own.</param>
internal sealed class BookmarkFiles(string folder, string work)
{
    public const string InputVariable = "GLUE_ORLEANS_BOOKMARK_INPUT";

    /// <summary>Only given to a script that may commit.</summary>
    public const string CommitVariable = "GLUE_ORLEANS_BOOKMARK_COMMIT";

    /// <summary>The parser looks at the form of strings only; what is not UTF-8 would change on its way through.</summary>
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private static readonly string Enable = NameOf(BookmarkMode.Enable);

    private const string InputName = "bookmark-input.json";
    private const string CommitName = "bookmark-commit.json";

    /// <summary>The state, which is bounded, and a few words about it. A range holds two.</summary>
    private const int LongestInput = (2 * BookmarkEntry.LongestState) + 1024;

    private readonly string _commit = Path.Combine(work, CommitName);

    /// <summary>Where the input is, if there is any.</summary>
    public string Input { get; } = Path.Combine(folder, InputName);

    /// <summary>Writes the input, unless the run has one, and tells the script where it is.</summary>
    public void Give(BookmarkInput? input, Dictionary<string, string> environment)
    {
        if (input is not null && !File.Exists(Input))
            Write(input);
        if (ReadInput() is not { } given)
            return;
        environment[InputVariable] = Input;
        if (given.Mode == Enable)
            environment[CommitVariable] = _commit;
    }

    /// <summary>What the script committed, or why that cannot be used; neither when it did not, or was not to.</summary>
    /// <exception cref="IOException">The disk does not answer as it should: ask again.</exception>
    public (BookmarkCommit? Commit, string? Fault) ReadCommit()
    {
        try
        {
            // Both files are within the script's reach, and it may have done anything to them.
            if (ReadInput() is not { } given || given.Mode != Enable)
                return default;
            byte[] bytes;
            try
            {
                // The script can have put anything there, a pipe for example.
                bytes = UntrustedFile.Read(work, CommitName, BookmarkEntry.LongestState + 1);
            }
            catch (FileNotFoundException)
            {
                return default;
            }

            var length = bytes.Length;
            if (length > BookmarkEntry.LongestState)
            {
                return (
                    null,
                    $"The bookmark that the script committed has more than {BookmarkEntry.LongestState} bytes. Keep a place in "
                        + "the input there (a date, the last name), not a list of all there ever was."
                );
            }

            using var state = JsonDocument.Parse(bytes.AsMemory(0, length), Shallow);
            return state.RootElement.ValueKind == JsonValueKind.Object
                ? (new BookmarkCommit(given.Revision, given.Version, Strict.GetString(bytes, 0, length)), null)
                : (null, Unusable($"it holds a JSON {state.RootElement.ValueKind}, not an object"));
        }
        catch (Exception e)
            when (e
                    is UnauthorizedAccessException
                        or JsonException
                        or DecoderFallbackException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            return (null, Unusable(e.Message));
        }
    }

    /// <summary>Less deep than what is read by default: the next run's input holds the state within an object.</summary>
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 60 };

    private string Unusable(string why) =>
        FailureMessage.Cut(
            $"The bookmark that the script committed, {_commit}, cannot be used: {why.TrimEnd('.')}. Leave that file to "
                + "awsglue's Job.commit()."
        );

    private (string Mode, long Revision, int Version)? ReadInput()
    {
        try
        {
            using var input = JsonDocument.Parse(UntrustedFile.Read(folder, InputName, LongestInput));
            var root = input.RootElement;
            return (
                root.GetProperty("mode").GetString()!,
                root.GetProperty("revision").GetInt64(),
                root.GetProperty("version").GetInt32()
            );
        }
        catch (Exception e) when (e is FileNotFoundException)
        {
            return null;
        }
    }

    private void Write(BookmarkInput input)
    {
        var draft = $"{Input}.{Guid.NewGuid():N}";
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
            {
                using (var json = new Utf8JsonWriter(file))
                {
                    json.WriteStartObject();
                    json.WriteString("mode", NameOf(input.Mode));
                    json.WriteNumber("revision", input.Revision);
                    json.WriteNumber("version", input.Version);
                    json.WritePropertyName("state");
                    json.WriteRawValue(input.State);
                    json.WritePropertyName("upTo");
                    json.WriteRawValue(input.UpTo ?? "null");
                    json.WriteEndObject();
                }

                file.Flush(flushToDisk: true);
            }

            Posix.TryLink(draft, Input);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static string NameOf(BookmarkMode mode) =>
        mode switch
        {
            BookmarkMode.Enable => "enable",
            BookmarkMode.Pause => "pause",
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "A run in this mode has no bookmark."),
        };
}
