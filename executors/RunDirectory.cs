using System.Globalization;
using System.Text;
using GlueOrleans.Executors.Cage;
using Microsoft.Win32.SafeHandles;

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
/// <remarks>
/// <para>A script that has a user id of its own (Executor:Uids) is given <c>work</c> in here, and can write nowhere else:
/// <c>run.uid</c> says which id, as long as it has it. When nothing of the run is left, the directory is closed to others and
/// the file becomes <c>run.uid.free</c>; in this order, so that who gets the id next does not get in.</para>
/// <para>Without, everything in here is the script's to change. So whatever is read is opened as <see cref="UntrustedFile"/>,
/// and whatever is not what it should be counts for as little as it can.</para>
/// </remarks>
internal sealed class RunDirectory
{
    /// <summary>Scripts print what is nobody else's business.</summary>
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>For who has no business here but a file or folder of its own.</summary>
    public const UnixFileMode PassingThrough = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const string StandardOutputName = "stdout.log";
    private const string StandardErrorName = "stderr.log";
    private const string ClaimName = "claim";
    private const string ChildName = "child";
    private const string ExitName = "exit";
    private const string LimitName = "limit";
    private const string UidName = "run.uid";
    private const string FreeUidName = "run.uid.free";
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
    public string StandardOutput => Path.Combine(Folder, StandardOutputName);
    public string StandardError => Path.Combine(Folder, StandardErrorName);
    public BookmarkFiles Bookmark => new(Folder, Work);

    /// <summary>Where the script is, and may write.</summary>
    public string Work => IsCaged ? WorkFolder : Folder;

    /// <summary>Whether the script had, or has, a user id of its own.</summary>
    public bool IsCaged => File.Exists(UidFile) || File.Exists(FreeUidFile);

    /// <summary>The user id that is this run's; <c>null</c> when it has none, or none any more.</summary>
    public int? Uid =>
        Read(UidName) is { } text
        && int.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
        && uid >= UidRange.Lowest
        // A script without a cage may have written that, to have all of the node's user ended.
        && uid != Posix.EffectiveUser
            ? uid
            : null;

    /// <summary>Whether a user id is taken for this run, whichever.</summary>
    public bool HoldsUid => File.Exists(UidFile);

    private string WorkFolder => Path.Combine(Folder, "work");
    private string UidFile => Path.Combine(Folder, UidName);
    private string FreeUidFile => Path.Combine(Folder, FreeUidName);
    private string ClaimFile => Path.Combine(Folder, ClaimName);
    private string ExitFile => Path.Combine(Folder, ExitName);

    /// <summary>No id of a run has a dot in it.</summary>
    private string Removed => Folder + ".removed";
    private string FencedFile => Path.Combine(Folder, "fenced");
    private string StopFile => Path.Combine(Folder, "stop");

    /// <summary>Whether a stop was under way before the exit was recorded.</summary>
    public bool IsStopMarked => File.Exists(StopFile);

    /// <summary>Whether the node, or its guard, ended the script because the node's lease was over.</summary>
    public bool IsFenced => File.Exists(FencedFile);

    /// <summary>Which limit of this node the script was ended for, in a sentence; <c>null</c>: for none.</summary>
    public string? LimitPassed => Read(LimitName)?.TrimEnd('\n');

    public string Script(bool isScala) => Path.Combine(Work, isScala ? "script.scala" : "script.py");

    /// <summary>Makes what the supervisor expects to find. Changes nothing that exists, but for whose it is.</summary>
    /// <param name="uid">The user id that the script shall have; <c>null</c>: the node's.</param>
    public void Prepare(int? uid = null)
    {
        Directory.CreateDirectory(Folder, OwnerOnly);
        TryCreate(ExitFile, "pending".PadRight(31) + "\n");
        if (uid is { } own)
            Cage(own);
    }

    /// <summary>Lets the script have what was put into its directory for it. No process of it is there yet.</summary>
    public void HandOver(string file)
    {
        if (Uid is not { } uid || !File.Exists(file))
            return;
        // The id's group has this one member. What the node itself reads later stays the node's.
        Posix.ChangeOwner(file, user: null, uid);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
    }

    /// <summary>Gives the run's user id back: nothing of the run lives. Closes the directory before.</summary>
    public void GiveUidBack()
    {
        if (!HoldsUid)
            return;
        File.SetUnixFileMode(Folder, OwnerOnly);
        File.Move(UidFile, FreeUidFile, overwrite: true);
    }

    public Claim? ReadClaim()
    {
        if (Read(ClaimName) is not { } text)
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

    /// <summary>What a supervisor has linked its claim from. It does no harm where it stays.</summary>
    public void DeleteDraftOfClaim(int supervisor)
    {
        try
        {
            File.Delete(Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{ClaimName}.{supervisor}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>To be called before the first signal, while no exit is recorded.</summary>
    public void MarkStop() => TryCreate(StopFile, "");

    /// <summary>To be called before the first signal, when the node has lost its lease. Only explains the exit: a disk that is
    /// full does not matter.</summary>
    public void MarkFenced()
    {
        try
        {
            TryCreate(FencedFile, "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>To be called before the first signal, when the script has passed a limit.</summary>
    public void MarkLimitPassed(string sentence) => TryCreate(Path.Combine(Folder, LimitName), sentence + "\n");

    /// <summary>The script's process; <c>null</c> until it exists.</summary>
    public ProcessIdentity? ReadChild() => ProcessIdentity.Parse(Read(ChildName));

    /// <summary><c>null</c> as long as no exit is recorded.</summary>
    public ExitRecord? ReadExit()
    {
        var words = Read(ExitName)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
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
            if (ProcessTree.Lives(this))
                return false;
            RunTrash.Delete(Removed);
            Directory.Move(Folder, Removed);
        }
        else
        {
            // What a script may have put there instead.
            RunTrash.Delete(Folder);
        }

        RunTrash.Delete(Removed);
        return true;
    }

    /// <summary>The log of errors, or of output, opened as it is: the script may have put anything in its place.</summary>
    /// <inheritdoc cref="UntrustedFile.Open(string, string)"/>
    public SafeFileHandle OpenLog(bool ofErrors) =>
        UntrustedFile.Open(Folder, ofErrors ? StandardErrorName : StandardOutputName);

    /// <summary>The last bytes of the log of errors, without the line that the cut goes through. Empty when there is no log.</summary>
    public string ReadErrorTail(int bytes)
    {
        try
        {
            using var log = OpenLog(ofErrors: true);
            var start = Math.Max(0, RandomAccess.GetLength(log) - bytes);
            var buffer = new byte[bytes];
            var filled = 0;
            while (filled < bytes && RandomAccess.Read(log, buffer.AsSpan(filled), start + filled) is > 0 and var more)
                filled += more;
            var text = Encoding.UTF8.GetString(buffer, 0, filled);
            var lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
            return start > 0 && lineEnd >= 0 ? text[(lineEnd + 1)..] : text;
        }
        catch (Exception e) when (e is FileNotFoundException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The order matters: with <c>run.uid</c> there, the rest is.</summary>
    private void Cage(int uid)
    {
        Directory.CreateDirectory(WorkFolder, OwnerOnly);
        Posix.ChangeOwner(WorkFolder, uid, uid);
        var draft = Path.Combine(Folder, $"{UidName}.{Guid.NewGuid():N}");
        Create(draft, string.Create(CultureInfo.InvariantCulture, $"{uid}\n"));
        File.Move(draft, UidFile, overwrite: true);
        File.Delete(FreeUidFile);
        File.SetUnixFileMode(Folder, PassingThrough);
    }

    private bool TryClaim(string content)
    {
        Directory.CreateDirectory(Folder, OwnerOnly);
        var draft = Path.Combine(Folder, $"claim.{Guid.NewGuid():N}");
        Create(draft, content + "\n");
        try
        {
            return Posix.TryLink(draft, ClaimFile);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static DateTimeOffset WrittenAt(string file) => FileTime.WrittenAt(() => File.GetLastWriteTimeUtc(file));

    private static void Create(string path, string content)
    {
        var mode = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var file = new FileStream(path, mode);
        file.Write(Encoding.UTF8.GetBytes(content));
        file.Flush(flushToDisk: false);
    }

    /// <summary>What is there already stays, whatever it is.</summary>
    private static void TryCreate(string path, string content)
    {
        try
        {
            Create(path, content);
        }
        catch (IOException) when (Path.Exists(path)) { }
    }

    /// <summary><c>null</c>: there is none. Empty also when it is something else than a file that may be read.</summary>
    private string? Read(string name)
    {
        try
        {
            return Encoding.UTF8.GetString(ReadBytes());
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }

        byte[] ReadBytes()
        {
            try
            {
                return UntrustedFile.Read(Folder, name, SmallFile);
            }
            catch (UnauthorizedAccessException) when (TryOpenUp())
            {
                return UntrustedFile.Read(Folder, name, SmallFile);
            }
        }
    }

    /// <summary>A script of the node's own user may have closed its directory, which is the node's as well.</summary>
    private bool TryOpenUp()
    {
        try
        {
            var folder = new DirectoryInfo(Folder);
            if (folder.LinkTarget is not null || (folder.UnixFileMode & OwnerOnly) == OwnerOnly)
                return false;
            folder.UnixFileMode |= OwnerOnly;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
