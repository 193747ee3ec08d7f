using System.Globalization;
using System.Text;
using GlueOrleans.Grains;

namespace GlueOrleans.Executors;

/// <summary>Where a run's output is, for those who want to show it while it grows. Neither file need exist yet.</summary>
public sealed record RunLogFiles(string StandardOutput, string StandardError)
{
    /// <summary>By <see cref="ProcessExecutorOptions.RunsFolder"/>, also where no executor runs.</summary>
    public static RunLogFiles Of(string runsFolder, string runId)
    {
        var directory = new RunDirectory(runsFolder, runId);
        return new RunLogFiles(directory.StandardOutput, directory.StandardError);
    }
}

/// <summary>Who holds the right to start a run's script. Decided once, for ever: see supervisor.sh.</summary>
/// <param name="At">When it was made, on the wall's clock.</param>
internal abstract record Claim(DateTimeOffset At)
{
    /// <summary>This supervisor has started the script, or will at any moment, or has died over it.</summary>
    public sealed record Supervised(ProcessIdentity Supervisor, DateTimeOffset At) : Claim(At);

    /// <summary>A stop came first.</summary>
    public sealed record Stopped(DateTimeOffset At) : Claim(At);

    /// <summary>After a restart the node was asked what had become of the run: nothing had.</summary>
    public sealed record Abandoned(DateTimeOffset At) : Claim(At);

    /// <summary>The launch failed before any process existed.</summary>
    public sealed record Failed(string Message, DateTimeOffset At) : Claim(At);
}

/// <param name="ExitCode">0 to 255.</param>
/// <param name="At">When it was recorded, on the wall's clock.</param>
internal sealed record ExitRecord(int ExitCode, DateTimeOffset At);

/// <summary>The files of one run, <c>RUNS/RUN_ID/</c>. supervisor.sh says what claim, child and exit mean.</summary>
internal sealed class RunDirectory
{
    /// <summary>Scripts print what is nobody else's business.</summary>
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string StoppedWord = "stopped";
    private const string AbandonedWord = "abandoned";
    private const string FailedWord = "failed ";
    private const int SmallFile = 16 << 10;

    public RunDirectory(string runsFolder, string runId)
    {
        if (!IsRunId(runId))
            throw new ArgumentException($"'{runId}' is not the id of a run.", nameof(runId));
        Folder = Path.GetFullPath(Path.Combine(runsFolder, runId));
        Id = runId;
    }

    /// <summary>Whether it is a name that a run's directory can have.</summary>
    public static bool IsRunId(string name) =>
        name.Length is > 0 and <= 255 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    public string Id { get; }
    public string Folder { get; }
    public string StandardOutput => Path.Combine(Folder, "stdout.log");
    public string StandardError => Path.Combine(Folder, "stderr.log");
    public BookmarkFiles Bookmark => new(Folder);
    private string ClaimFile => Path.Combine(Folder, "claim");
    private string ChildFile => Path.Combine(Folder, "child");
    private string ExitFile => Path.Combine(Folder, "exit");

    /// <summary>No id of a run has a dot in it.</summary>
    private string Removed => Folder + ".removed";
    private string FencedFile => Path.Combine(Folder, "fenced");
    private string StopFile => Path.Combine(Folder, "stop");

    /// <summary>Whether a stop was under way before the exit was recorded.</summary>
    public bool IsStopMarked => File.Exists(StopFile);

    /// <summary>Whether the node, or its guard, ended the script because the node's lease was over.</summary>
    public bool IsFenced => File.Exists(FencedFile);

    public string Script(bool isScala) => Path.Combine(Folder, isScala ? "script.scala" : "script.py");

    /// <summary>Makes what the supervisor expects to find. Changes nothing that exists.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(Folder, OwnerOnly);
        try
        {
            using var file = new FileStream(ExitFile, FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.ASCII.GetBytes("pending".PadRight(31) + "\n"));
            file.Flush(flushToDisk: false);
        }
        catch (IOException) when (File.Exists(ExitFile)) { }
    }

    public Claim? ReadClaim()
    {
        if (ReadSmall(ClaimFile) is not { } text)
            return null;
        var at = WrittenAt(ClaimFile);
        if (ProcessIdentity.Parse(text) is { } supervisor)
            return new Claim.Supervised(supervisor, at);
        var line = text.TrimEnd('\n');
        if (line == StoppedWord)
            return new Claim.Stopped(at);
        if (line.StartsWith(FailedWord, StringComparison.Ordinal))
            return new Claim.Failed(line[FailedWord.Length..], at);
        // Whatever else stands there: a claim exists, so no supervisor will ever start the script.
        return new Claim.Abandoned(at);
    }

    /// <summary>Rules out every start of the script. <c>false</c> when the claim is taken.</summary>
    public bool TryClaimForStop() => TryClaim(StoppedWord);

    /// <inheritdoc cref="TryClaimForStop"/>
    public bool TryClaimAsAbandoned() => TryClaim(AbandonedWord);

    /// <inheritdoc cref="TryClaimForStop"/>
    public bool TryClaimAsFailed(string message) => TryClaim(FailedWord + message.ReplaceLineEndings(" "));

    /// <summary>To be called before the first signal, while no exit is recorded.</summary>
    public void MarkStop() => File.WriteAllBytes(StopFile, []);

    /// <summary>To be called before the first signal, when the node has lost its lease. Only explains the exit: a disk that is
    /// full does not matter.</summary>
    public void MarkFenced()
    {
        try
        {
            File.WriteAllBytes(FencedFile, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>The script's process; <c>null</c> until it exists.</summary>
    public ProcessIdentity? ReadChild() => ProcessIdentity.Parse(ReadSmall(ChildFile));

    /// <summary><c>null</c> as long as no exit is recorded.</summary>
    public ExitRecord? ReadExit()
    {
        var words = ReadSmall(ExitFile)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return
            words is ["exited", var code]
            && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var exitCode)
            ? new ExitRecord(exitCode, WrittenAt(ExitFile))
            : null;
    }

    /// <summary>Deletes the directory, of a run that has ended. <c>false</c> while a process of it lives.</summary>
    /// <remarks>
    /// It is renamed first, so that it is never there without its claim. What a crash left of the deletion is found by the
    /// next call.
    /// </remarks>
    public bool TryRemove()
    {
        if (Directory.Exists(Folder))
        {
            if (ReadClaim() is Claim.Supervised { Supervisor.IsAlive: true } || ReadChild() is { IsAlive: true })
                return false;
            if (ProcessTree.Marked(Id).Count > 0)
                return false;
            RunTrash.Delete(Removed);
            Directory.Move(Folder, Removed);
        }

        RunTrash.Delete(Removed);
        return true;
    }

    /// <summary>The last bytes of a log, without the line that the cut goes through. Empty when there is no log.</summary>
    public static string ReadTail(string file, int bytes)
    {
        try
        {
            using var stream = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                1
            );
            var start = Math.Max(0, stream.Length - bytes);
            stream.Position = start;
            var buffer = new byte[bytes];
            var text = Encoding.UTF8.GetString(buffer, 0, stream.ReadAtLeast(buffer, bytes, throwOnEndOfStream: false));
            var lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
            return start > 0 && lineEnd >= 0 ? text[(lineEnd + 1)..] : text;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }

    private bool TryClaim(string content)
    {
        Directory.CreateDirectory(Folder, OwnerOnly);
        var draft = Path.Combine(Folder, $"claim.{Guid.NewGuid():N}");
        File.WriteAllText(draft, content + "\n");
        try
        {
            return Posix.TryLink(draft, ClaimFile);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static DateTimeOffset WrittenAt(string file) =>
        new DateTimeOffset(File.GetLastWriteTimeUtc(file)).InMilliseconds();

    private static string? ReadSmall(string file)
    {
        try
        {
            using var stream = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                1
            );
            var buffer = new byte[SmallFile];
            return Encoding.UTF8.GetString(buffer, 0, stream.ReadAtLeast(buffer, SmallFile, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
