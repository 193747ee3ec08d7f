using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GlueOrleans.Executors;

/// <summary>The calls that .NET does not offer.</summary>
internal static partial class Posix
{
    public const int Sigkill = 9;
    public const int Sigterm = 15;
    private const int NotPermitted = 1;
    private const int NoSuchFile = 2;
    private const int AccessDenied = 13;
    private const int FileExists = 17;

    /// <summary>Sends a signal; a process or group that is not there any more is no error. <c>true</c> when sent.</summary>
    public static bool Kill(int pidOrNegativeGroup, int signal) => kill(pidOrNegativeGroup, signal) == 0;

    /// <summary>Gives a file a second name, which comes to exist with its whole content. <c>false</c> if it is taken.</summary>
    public static bool TryLink(string existing, string name)
    {
        if (link(existing, name) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error == FileExists
            ? false
            : throw new IOException($"Cannot link {name}: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <summary>Opens a file for reading without waiting for anybody to write to it, as a FIFO would.</summary>
    /// <exception cref="UnauthorizedAccessException">It cannot be opened, now or later.</exception>
    /// <exception cref="IOException">The disk does not answer as it should.</exception>
    public static SafeFileHandle OpenWithoutWaiting(string path)
    {
        var flags = OperatingSystem.IsMacOS() ? 0x0000_0004 | 0x0100_0000 : 0x0000_0800 | 0x0008_0000; // NONBLOCK, CLOEXEC
        var descriptor = open(path, flags);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        var message = Marshal.GetPInvokeErrorMessage(error);
        throw error is NotPermitted or NoSuchFile or AccessDenied
        || File.ResolveLinkTarget(path, returnFinalTarget: false) is not null
            ? new UnauthorizedAccessException(message)
            : new IOException(message);
    }

#pragma warning disable IDE1006, SYSLIB1092 // The C library's names.
    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);
#pragma warning restore IDE1006, SYSLIB1092
}
