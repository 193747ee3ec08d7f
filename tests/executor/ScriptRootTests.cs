using GlueOrleans.Executors.Cage;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>Executor:ScriptRoots: which of the node's files may become scripts.</summary>
public sealed class ScriptRootTests : ExecutorTest
{
    private const string Secret = "SECRET = 'of the node'";

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/no-such-file")]
    [InlineData("file:///etc/passwd")]
    [InlineData("FILE://localhost/etc/passwd")]
    [InlineData("file:///%65tc/passwd")]
    [InlineData("file:///tmp/%2e%2e/etc/passwd")]
    [InlineData("file:///tmp/..%2Fetc/passwd")]
    [InlineData("/tmp/../etc/../etc/./passwd")]
    [InlineData("//etc//passwd")]
    [InlineData("/proc/self/environ")]
    [InlineData("/proc/self/root/etc/passwd")]
    [InlineData("/proc/self/cwd/no-such-file")]
    [InlineData("/dev/zero")]
    [InlineData("/dev/stdin")]
    [InlineData("/sys/kernel/no-such-file")]
    [InlineData("/var/run/no-such-file")]
    [InlineData("/boot/no-such-file")]
    [InlineData("/home/me/.ssh/id_rsa")]
    [InlineData("/srv/.env")]
    public async Task What_is_the_systems_or_hidden_is_refused_whether_it_is_there_or_not(string location)
    {
        var message = await LaunchFailure(ARunAt(location));

        Assert.EndsWith(
            " is not in a folder that scripts may come from (Executor:ScriptRoots). Put it into one, or have the folder added "
                + "on this node.",
            message,
            StringComparison.Ordinal
        );
        Assert.StartsWith("Script /", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_roots_a_script_comes_from_them_and_nothing_else_does()
    {
        var (root, outside) = Folders();
        await File.WriteAllTextAsync(Path.Combine(root, "job.py"), "print('here')");
        await File.WriteAllTextAsync(Path.Combine(outside, "job.py"), Secret);

        Assert.Equal(0, (await Exit(ARunAt(Path.Combine(root, "job.py")))).ExitCode);
        Assert.Equal(0, (await Exit(ARunAt($"{root}/a/../job.py"))).ExitCode);
        foreach (
            var path in new[] { $"{outside}/job.py", $"{root}/../outside/job.py", $"{root}-beside/job.py", "/job.py" }
        )
            Assert.Equal(ScriptRoots.Refusal(Path.GetFullPath(path)), await LaunchFailure(ARunAt(path)));
        Assert.StartsWith(
            $"Script {root}/none.py does not exist on this node.",
            await LaunchFailure(ARunAt($"{root}/none.py")),
            StringComparison.Ordinal
        );
    }

    /// <summary>What counts is where the file is, not what it is called.</summary>
    [Fact]
    public async Task A_link_that_leads_out_of_the_roots_is_refused_whatever_it_leads_to()
    {
        var (root, outside) = Folders();
        await File.WriteAllTextAsync(Path.Combine(outside, "job.py"), Secret);
        File.CreateSymbolicLink(Path.Combine(root, "file"), Path.Combine(outside, "job.py"));
        File.CreateSymbolicLink(Path.Combine(root, "missing"), Path.Combine(outside, "none.py"));
        Directory.CreateSymbolicLink(Path.Combine(root, "folder"), outside);
        File.CreateSymbolicLink(Path.Combine(root, "self"), Path.Combine(root, "self"));

        foreach (var name in new[] { "file", "folder/job.py", "folder/none.py" })
            Assert.Equal(ScriptRoots.Refusal($"{root}/{name}"), await LaunchFailure(ARunAt($"{root}/{name}")));
        foreach (var name in new[] { "missing", "self" })
            Assert.DoesNotContain("SECRET", await LaunchFailure(ARunAt($"{root}/{name}")));
    }

    [Fact]
    public async Task A_root_may_itself_be_a_link()
    {
        var (root, _) = Folders();
        await File.WriteAllTextAsync(Path.Combine(root, "job.py"), "pass");
        var link = Path.Combine(Folder, "link");
        Directory.CreateSymbolicLink(link, root);
        Options.ScriptRoots.Clear();
        Options.ScriptRoots.Add(link + "/");

        Assert.Equal(0, (await Exit(ARunAt($"{link}/job.py"))).ExitCode);
        Assert.Equal(0, (await Exit(ARunAt($"{root}/job.py"))).ExitCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_nodes_own_folder_is_none_that_scripts_come_from_also_not_within_a_root(bool hasRoots)
    {
        var data = Directory.CreateDirectory(Path.Combine(Folder, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "runs.db"), Secret);
        Options.DataFolder = data;
        if (hasRoots)
            Options.ScriptRoots.Add(Folder);
        var other = ARun("print('one')");
        await Exit(other);

        foreach (var path in new[] { Path.Combine(data, "runs.db"), Path.Combine(RunsFolder, other.Id, "stdout.log") })
            Assert.Equal(ScriptRoots.Refusal(path), await LaunchFailure(ARunAt(path)));
    }

    [Fact]
    public async Task A_node_that_may_read_everything_reads_for_caged_scripts_what_everybody_may()
    {
        Cage();
        Options.ScriptRoots.Clear();
        var open = Path.Combine(Folder, "open.py");
        var closed = Path.Combine(Folder, "closed.py");
        var within = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "within")).FullName, "open.py");
        foreach (var file in new[] { open, closed, within })
            await File.WriteAllTextAsync(file, "pass");
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherRead);
        File.SetUnixFileMode(within, File.GetUnixFileMode(within) | UnixFileMode.OtherRead);
        File.SetUnixFileMode(closed, UnixFileMode.UserRead);
        File.SetUnixFileMode(Path.GetDirectoryName(within)!, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(0, (await Exit(ARunAt(open))).ExitCode);
        Assert.Equal(ScriptRoots.Refusal(closed), await LaunchFailure(ARunAt(closed)));
        Assert.Equal(ScriptRoots.Refusal(within), await LaunchFailure(ARunAt(within)));
    }

    private (string Root, string Outside) Folders()
    {
        var root = Directory.CreateDirectory(Path.Combine(Folder, "root")).FullName;
        var outside = Directory.CreateDirectory(Path.Combine(Folder, "outside")).FullName;
        Options.ScriptRoots.Add(root);
        return (root, outside);
    }
}
