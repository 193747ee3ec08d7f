using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GlueOrleans.Executors;

/// <summary>Files where scripts write: by any of these names there may be a link, a pipe, a device, a folder or nothing.</summary>
/// <remarks>Nothing here follows a link in the last part of a name, waits for another process, or reads what is no regular file.</remarks>
internal static partial class UntrustedFile
{
    private const int NoSuchFile = 2;
    private const int AccessDenied = 13;
    private const int InputOutput = 5;
    private const int OutOfMemory = 12;
    private const int NotADirectory = 20;
    private const int TooManyFilesInAll = 23;
    private const int TooManyFiles = 24;

    /// <summary>Opens <c>folder/name</c> for reading.</summary>
    /// <exception cref="FileNotFoundException">There is nothing of this name, or no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It is something else than a regular file, or may not be read.</exception>
    /// <exception cref="IOException">The disk does not answer as it should.</exception>
    public static SafeFileHandle Open(string folder, string name)
    {
        using var parent = Call(open(folder, Flags.Directory | Flags.NoFollow | Flags.CloseOnExec), folder, folder);
        var path = Path.Combine(folder, name);
        var file = Call(openat(parent, name, Flags.NoFollow | Flags.NonBlocking | Flags.CloseOnExec), path, folder);
        return Regular(file);
    }

    /// <summary>All of a small file, or its first <paramref name="limit"/> bytes.</summary>
    /// <inheritdoc cref="Open(string, string)"/>
    public static byte[] Read(string folder, string name, int limit)
    {
        using var handle = Open(folder, name);
        var buffer = new byte[(int)Math.Min(limit, RandomAccess.GetLength(handle))];
        var filled = 0;
        while (filled < buffer.Length && RandomAccess.Read(handle, buffer.AsSpan(filled), filled) is > 0 and var more)
            filled += more;
        return buffer.AsSpan(0, filled).ToArray();
    }

    /// <summary>Finds what a path leads to, through all links, without opening it: no device or pipe takes notice.</summary>
    /// <exception cref="FileNotFoundException">Nothing, or what this process may not look for.</exception>
    public static FoundFile Find(string path)
    {
        if (!OperatingSystem.IsLinux())
            return new FoundFile(null, Resolve(path));
        var handle = Call(open(path, Flags.PathOnly | Flags.CloseOnExec), path, path, deniedIsMissing: true);
        try
        {
            var name = Resolve(Descriptor(handle));
            // A name is one of this process's own view of the disks. A file that was found through another's (/proc/1/root)
            // may have the name of one that is here, too, and is another one.
            using var named = Call(
                open(name, Flags.PathOnly | Flags.NoFollow | Flags.CloseOnExec),
                name,
                name,
                deniedIsMissing: true
            );
            return FileStatus.Of(handle)!.Value.Identity == FileStatus.Of(named)!.Value.Identity
                ? new FoundFile(handle, name)
                : throw new FileNotFoundException("It is not what has its name here.", path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A path without links in it.</summary>
    /// <exception cref="FileNotFoundException">It leads nowhere.</exception>
    public static string Resolve(string path)
    {
        var resolved = realpath(path, 0);
        if (resolved == 0)
            throw new FileNotFoundException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()), path);
        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            free(resolved);
        }
    }

    /// <summary>What was found, opened for reading.</summary>
    internal static SafeFileHandle Open(FoundFile found)
    {
        // On Linux through the descriptor: it is this file, whatever has its name by now.
        var (path, flags) = found.Handle is { } handle ? (Descriptor(handle), 0) : (found.Path, Flags.NoFollow);
        return Regular(Call(open(path, flags | Flags.NonBlocking | Flags.CloseOnExec), found.Path, found.Path));
    }

    /// <summary>Whether it is a regular file; <c>false</c> for all else.</summary>
    internal static bool IsRegular(SafeFileHandle handle)
    {
        if (FileStatus.Of(handle) is { } status)
            return status.IsRegular;
        try
        {
            // Where there is no statx: pipes have no place, and devices content without length.
            Span<byte> one = stackalloc byte[1];
            return RandomAccess.GetLength(handle) > 0 || RandomAccess.Read(handle, one, 0) == 0;
        }
        catch (Exception e) when (e is NotSupportedException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static SafeFileHandle Regular(SafeFileHandle handle)
    {
        if (IsRegular(handle))
            return handle;
        var isFolder = FileStatus.Of(handle) is { IsDirectory: true };
        handle.Dispose();
        throw new NotAFileException(isFolder);
    }

    private static string Descriptor(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    private static SafeFileHandle Call(int descriptor, string path, string inFolder, bool deniedIsMissing = false)
    {
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        var message = Marshal.GetPInvokeErrorMessage(error);
        throw error switch
        {
            NoSuchFile => new FileNotFoundException(message, path),
            NotADirectory when !Path.Exists(inFolder) || deniedIsMissing => new FileNotFoundException(message, path),
            AccessDenied when deniedIsMissing => new FileNotFoundException(message, path),
            // The disk's fault, and not what a script can bring about.
            InputOutput or TooManyFiles or TooManyFilesInAll or OutOfMemory => new IOException(message),
            _ => new UnauthorizedAccessException(message),
        };
    }

    /// <summary>open(2)'s, which differ from system to system; two of them also from processor to processor.</summary>
    private static class Flags
    {
        private static readonly bool Mac = OperatingSystem.IsMacOS();

        private static readonly bool Arm =
            RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

        public static readonly int NonBlocking = Mac ? 0x4 : 0x800;
        public static readonly int CloseOnExec = Mac ? 0x100_0000 : 0x8_0000;
        public static readonly int NoFollow =
            Mac ? 0x100
            : Arm ? 0x8000
            : 0x2_0000;
        public static readonly int Directory =
            Mac ? 0x10_0000
            : Arm ? 0x4000
            : 0x1_0000;
        public const int PathOnly = 0x20_0000;
    }

#pragma warning disable IDE1006, SYSLIB1092 // The C library's names.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int openat(SafeFileHandle folder, string name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint realpath(string path, nint buffer);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void free(nint memory);
#pragma warning restore IDE1006, SYSLIB1092
}

/// <summary>Something else than a regular file was found.</summary>
internal sealed class NotAFileException(bool isFolder)
    : UnauthorizedAccessException(isFolder ? "It is a directory." : "It is no regular file.")
{
    public bool IsFolder => isFolder;
}

/// <summary>A file that was found by <see cref="UntrustedFile.Find"/>.</summary>
/// <param name="Handle">Of the file itself, on Linux.</param>
/// <param name="Path">Absolute, and without links in it.</param>
internal sealed record FoundFile(SafeFileHandle? Handle, string Path) : IDisposable
{
    public SafeFileHandle Open() => UntrustedFile.Open(this);

    public void Dispose() => Handle?.Dispose();
}

/// <summary>What statx(2) says of a file, whose layout is the same on every processor.</summary>
/// <param name="Owner">A user.</param>
/// <param name="Group">Of users.</param>
/// <param name="Mode">Type and rights.</param>
/// <param name="Identity">The device and the number on it: no other file of this machine has it.</param>
internal readonly partial record struct FileStatus(int Owner, int Group, int Mode, (long Device, long Number) Identity)
{
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Folder = 0x4000;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7FF;
    private const int Length = 256;
    private const int OwnerAt = 20;
    private const int GroupAt = 24;
    private const int ModeAt = 28;
    private const int NumberAt = 32;
    private const int DeviceAt = 136;

    public bool IsRegular => (Mode & TypeMask) == RegularFile;

    public bool IsDirectory => (Mode & TypeMask) == Folder;

    /// <summary><c>null</c> elsewhere than on Linux.</summary>
    public static FileStatus? Of(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<byte> status = stackalloc byte[Length];
        if (statx(handle, "", EmptyPath, BasicStats, ref MemoryMarshal.GetReference(status)) != 0)
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        return new FileStatus(
            MemoryMarshal.Read<int>(status[OwnerAt..]),
            MemoryMarshal.Read<int>(status[GroupAt..]),
            MemoryMarshal.Read<ushort>(status[ModeAt..]),
            (MemoryMarshal.Read<long>(status[DeviceAt..]), MemoryMarshal.Read<long>(status[NumberAt..]))
        );
    }

#pragma warning disable IDE1006, SYSLIB1092 // The C library's name.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(SafeFileHandle folder, string path, int flags, uint mask, ref byte status);
#pragma warning restore IDE1006, SYSLIB1092
}
