using System.Diagnostics;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>A data folder on a file system of its own that is small enough to be filled: root's tests have one.</summary>
internal sealed class SmallDisk
{
    /// <summary>A run's folder is some ten blocks of 4 KB; room for thousands of them, and filled within a second.</summary>
    private const string Size = "size=192m";

    private readonly string _filler;

    private SmallDisk(string folder) => _filler = Path.Combine(folder, "filler");

    /// <summary><c>null</c>: this user cannot mount one here.</summary>
    public static async Task<SmallDisk?> TryMount(string folder)
    {
        Directory.CreateDirectory(folder);
        if (!Machine.IsRoot)
            return null;
        try
        {
            using var mount = Process.Start(
                new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", $"{Size},mode=700", "chaos", folder])
                {
                    RedirectStandardError = true,
                }
            )!;
            await mount.WaitForExitAsync();
            return mount.ExitCode == 0 ? new SmallDisk(folder) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    public void Fill()
    {
        using var file = new FileStream(_filler, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1);
        var block = new byte[1 << 20];
        while (block.Length > 0)
        {
            try
            {
                file.Write(block);
            }
            catch (IOException)
            {
                // Down to the last page.
                block = new byte[block.Length >= 4096 ? block.Length / 4 : 0];
            }
        }
    }

    public void Free() => File.Delete(_filler);
}
