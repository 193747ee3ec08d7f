using System.Runtime.InteropServices;

namespace GlueOrleans.Executors;

/// <summary>The calls that .NET does not offer.</summary>
internal static partial class Posix
{
    public const int Sigkill = 9;
    public const int Sigterm = 15;
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

#pragma warning disable IDE1006, SYSLIB1092 // The C library's names.
    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int link(string existing, string name);
#pragma warning restore IDE1006, SYSLIB1092
}
