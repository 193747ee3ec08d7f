using System.Globalization;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

/// <summary>A node as the system shows it to the processes beside it.</summary>
public sealed class The_process
{
    private const int AnyGroup = 65534;

    /// <summary>The files in /proc of a process that others may not look into belong to root, whoever it is.</summary>
    [Fact]
    public async Task Is_closed_to_other_processes_of_its_user()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux closes a process to others of its user.");
        var isRoot = Environment.IsPrivilegedProcess;
        Assert.SkipWhen(
            isRoot && !Program.IsInstalled("setpriv"),
            "setpriv is not installed: apt-get install util-linux."
        );
        // Root's are root's in any case: there the group tells.
        await using var server = isRoot
            ? await ServerProcess.StartUnder(["setpriv", "--regid", $"{AnyGroup}", "--clear-groups", "--"])
            : await ServerProcess.Start();
        Assert.Equal(isRoot ? $"0:{AnyGroup}" : await OwnerOf("/proc/self/environ"), await OwnerOf(server.DataFolder));

        var process = string.Create(CultureInfo.InvariantCulture, $"/proc/{server.Pid}");
        Assert.Equal("0:0", await OwnerOf($"{process}/environ"));
        Assert.Equal("0:0", await OwnerOf($"{process}/mem"));
    }

    private static async Task<string> OwnerOf(string path)
    {
        var stat = await Program.Run("stat", ["-c", "%u:%g", path], Path.GetTempPath());
        Assert.True(stat.ExitCode == 0, stat.ToString());
        return stat.Output.Trim();
    }
}
