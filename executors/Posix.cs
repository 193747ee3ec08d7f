using System.Runtime.InteropServices;

namespace GlueOrleans.Executors;

/// <summary>The calls that .NET does not offer.</summary>
internal static partial class Posix
{
    public const int Sigkill = 9;
    public const int Sigterm = 15;
    public const int Sigstop = 19;

    /// <summary>Another number elsewhere than on Linux, where it does nothing.</summary>
    public const int Sigcont = 18;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;
    private const int FileExists = 17;
    private const int SetDumpable = 4;

    /// <summary>CLOCK_BOOTTIME</summary>
    private const int BootClock = 7;

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

    /// <summary>Makes a user and its group of the same number a file's owner; <c>null</c> leaves one as it is. Of a link itself.</summary>
    public static void ChangeOwner(string path, int? user, int group)
    {
        if (lchown(path, user is { } uid ? (uint)uid : uint.MaxValue, (uint)group) != 0)
            throw Failure($"The owner of {path} cannot be set to {user ?? group}");
    }

    /// <summary>Keeps this process's memory and environment from others of its user. Only Linux has it.</summary>
    public static void BecomeUndumpable()
    {
        if (OperatingSystem.IsLinux() && prctl(SetDumpable, 0, 0, 0, 0) != 0)
            throw Failure("This process cannot be closed to others (prctl)");
    }

    /// <summary>Lets no program that this process starts have this file.</summary>
    public static void CloseWithProgram(int descriptor) => _ = fcntl(descriptor, SetDescriptorFlags, CloseOnExec);

    /// <summary>Sets the mode bits that new files of this process do not get, and returns those of before.</summary>
    public static int SetUmask(int mask) => (int)umask((uint)mask);

    /// <summary>Time since the machine was started, also that for which it slept; <c>null</c>: it does not tell. Only Linux has
    /// it.</summary>
    public static TimeSpan? SinceBoot() =>
        clock_gettime(BootClock, out var time) == 0
            ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
            : null;

    /// <summary>Of the process, as it acts.</summary>
    public static int EffectiveUser => (int)geteuid();

    private static IOException Failure(string what) =>
        new($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

#pragma warning disable IDE1006, SYSLIB1092 // The C library's names.
    private readonly record struct Timespec(nint Seconds, nint Nanoseconds);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int clock_gettime(int clock, out Timespec time);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int lchown(string path, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fcntl(int descriptor, int command, int flags);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint umask(uint mask);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
#pragma warning restore IDE1006, SYSLIB1092
}
