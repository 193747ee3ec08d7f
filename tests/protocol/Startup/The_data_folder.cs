using System.Globalization;
using System.Net;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class The_data_folder(SharedServer shared) : StartupTest
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Is_refused_to_a_second_node_which_names_the_folder_and_the_first()
    {
        var first = shared.Server;
        var message = await Refused("--data", first.DataFolder);
        Assert.Contains(first.DataFolder, message, StringComparison.Ordinal);
        Assert.Contains(first.Pid.ToString(CultureInfo.InvariantCulture), message, StringComparison.Ordinal);

        var user = first.NewAccount();
        Assert.Equal("SUCCEEDED", GlueUser.State(await user.EndedRunOf(await user.AJob(""))));
    }

    [Fact]
    public async Task Is_for_its_owner_only_whatever_the_umask_with_all_that_the_node_writes_into_it()
    {
        await using var server = await ServerProcess.StartUnder(["/bin/sh", "-c", "umask 002; exec \"$@\"", "sh"]);
        var user = server.NewAccount();
        var run = await user.EndedRunOf(
            await user.AJob("import os\nopen('written', 'w').close()\nprint(oct(os.umask(0)))")
        );

        var id = (string)run["Id"]!;
        // What a script writes is as its user wants it; nobody else gets to it.
        Assert.Equal("0o2\n", server.Output(id));
        File.Delete(Path.Combine(server.RunFolder(id), "written"));
        Assert.Equal(0, await server.Stop());
        AssertClosed(server.DataFolder);
        Assert.Superset(
            new HashSet<string>(["runs.db", "grains.db", "events.jsonl", "script.py", "stdout.log", "exit"]),
            Directory
                .EnumerateFiles(server.DataFolder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(file))
                .ToHashSet(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Has_files_closed_that_a_node_of_before_has_left_open()
    {
        await using var server = await ServerProcess.Start();
        var user = server.NewAccount();
        await user.EndedRunOf(await user.AJob(""));
        Assert.Equal(0, await server.Stop());
        foreach (var name in new[] { "runs.db", "grains.db", "events.jsonl" })
            File.SetUnixFileMode(
                Path.Combine(server.DataFolder, name),
                Own | UnixFileMode.GroupRead | UnixFileMode.OtherRead
            );

        await server.StartAgain();

        AssertClosed(server.DataFolder);
    }

    [Fact]
    public async Task Must_be_a_folder()
    {
        var file = Path.Combine(Folder, "a-file");
        await File.WriteAllTextAsync(file, "");
        Assert.Contains(file, await Refused("--data", file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Must_be_one_that_can_be_written_to()
    {
        // Nobody can make anything there, not even root.
        var message = await Refused("--data", "/proc/glue-orleans");
        Assert.Contains("/proc/glue-orleans", message, StringComparison.Ordinal);
        Assert.Contains("--data", message, StringComparison.Ordinal);
        message = await Refused("--data", "/proc/self");
        Assert.Contains("--data", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs.db")]
    [InlineData("grains.db")]
    public async Task Must_not_have_something_else_in_place_of_a_database(string name)
    {
        var data = Path.Combine(Folder, "data");
        Directory.CreateDirectory(data);
        var file = Path.Combine(data, name);
        var content = string.Concat(Enumerable.Repeat("This is not a database.\n", 500));
        await File.WriteAllTextAsync(file, content);
        Assert.Contains(name, await Refused("--data", data), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Is_where_jobs_and_runs_still_are_after_a_restart()
    {
        await using var server = await ServerProcess.Start();
        var user = server.NewAccount();
        var job = await user.AJob("print('once')");
        var run = await user.EndedRunOf(job);
        Assert.Equal(0, await server.Stop());
        await server.StartAgain();
        Assert.Equal(run.ToJsonString(), Assert.Single(await user.Runs(job)).ToJsonString());
        Assert.Equal(HttpStatusCode.OK, (await user.Try("GetJob", new { JobName = job })).Status);
    }

    /// <summary>Folders 0700, files 0600.</summary>
    private static void AssertClosed(string folder)
    {
        Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.All(
            Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories),
            entry =>
                Assert.Equal(
                    Directory.Exists(entry) ? Own | UnixFileMode.UserExecute : Own,
                    File.GetUnixFileMode(entry)
                )
        );
    }
}
