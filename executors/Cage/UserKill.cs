using System.Runtime.InteropServices;

namespace GlueOrleans.Executors.Cage;

/// <summary>Ends all processes of a user at once. Whoever looks for them one after the other is too late for a process that is
/// gone, and has left a copy of itself, before the signal comes.</summary>
/// <remarks>
/// kill(2) of -1 reaches whomever the caller may signal, with nothing forked between. So a thread of this process becomes that
/// user: on Linux each thread has users of its own, and only the C library makes them the same. Its real and its saved user are
/// one that nobody is, so that it can be reached by none of those that it ends. It loses all rights with that, or else does
/// nothing; and it never becomes what it was: it ends.
/// </remarks>
internal static partial class UserKill
{
    /// <summary>-3: the largest ones are special, and this is given to no user.</summary>
    private const uint Nobody = 0xFFFF_FFFD;

    private const string NoRights = "CapEff:\t0000000000000000";

    /// <summary>setresuid(2)'s number, where it is known; 0: elsewhere.</summary>
    private static nint SetUsers =>
        !OperatingSystem.IsLinux()
            ? 0
            : RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => 117,
                Architecture.Arm64 => 147,
                _ => 0,
            };

    /// <returns>Whether it was done. It is not where this process may not become another user.</returns>
    public static bool All(int user)
    {
        if (SetUsers == 0 || user < UidRange.Lowest || user == Posix.EffectiveUser)
            return false;
        var done = false;
        var thread = new Thread(() => done = AsUser(user)) { IsBackground = true };
        thread.Start();
        thread.Join();
        return done;
    }

    private static bool AsUser(int user)
    {
        if (syscall(SetUsers, Nobody, (uint)user, Nobody) != 0)
            return false;
        try
        {
            // A process that is not root's keeps its rights when it becomes another user; with them this would end everything.
            if (!File.ReadLines("/proc/thread-self/status").Contains(NoRights, StringComparer.Ordinal))
                return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        Posix.Kill(-1, Posix.Sigkill);
        return true;
    }

#pragma warning disable IDE1006, SYSLIB1092 // The C library's name.
    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint syscall(nint number, nuint real, nuint effective, nuint saved);
#pragma warning restore IDE1006, SYSLIB1092
}
