using System.Runtime.InteropServices;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>Signals, which .NET can only send as SIGKILL.</summary>
internal static partial class Posix
{
    public const int Sigterm = 15;
    public const int Sigkill = 9;

    /// <summary>A process or group that is not there any more is no error.</summary>
    public static void Signal(int pidOrNegativeGroup, int signal) => _ = kill(pidOrNegativeGroup, signal);

#pragma warning disable IDE1006, SYSLIB1092 // The C library's name.
    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);
#pragma warning restore IDE1006, SYSLIB1092
}
