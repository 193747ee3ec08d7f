using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>What keeps a node's own secrets from the scripts beside it.</summary>
public static class NodeProcess
{
    private const int OwnerOnly = 0b111_111;
    private const int LastStandard = 2;

    private static string? _scriptUmask;

    /// <summary>The mode bits that a script's files do not get, in octal: those of whoever started the node.</summary>
    internal static string ScriptUmask => _scriptUmask ??= Current();

    /// <summary>
    /// To be called first of all. Other processes of the node's user cannot read its memory and environment, nor trace it
    /// (prctl(2), PR_SET_DUMPABLE; Linux only). And what it writes from now on is for its user only; scripts keep the umask
    /// that the node was started with.
    /// </summary>
    /// <remarks>Costs: no core dump of the node. Programs that it starts are as open as any.</remarks>
    public static void CloseToOthers()
    {
        Posix.BecomeUndumpable();
        KeepDescriptors();
        _scriptUmask ??= Octal(Posix.SetUmask(OwnerOnly));
    }

    /// <summary>What whoever started the node has left open (a lock, a socket) is the node's, and not for scripts. Linux only.</summary>
    internal static void KeepDescriptors()
    {
        const string Open = "/proc/self/fd";
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Open))
            return;
        foreach (var entry in Directory.GetFileSystemEntries(Open))
        {
            if (
                int.TryParse(
                    Path.GetFileName(entry),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var descriptor
                )
                && descriptor > LastStandard
            )
                Posix.CloseWithProgram(descriptor);
        }
    }

    private static string Current()
    {
        var mask = Posix.SetUmask(OwnerOnly);
        Posix.SetUmask(mask);
        return Octal(mask);
    }

    private static string Octal(int mask) => Convert.ToString(mask, 8).PadLeft(3, '0');
}
