using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class Configuration : StartupTest
{
    [Fact]
    public async Task Comes_from_a_file_in_the_working_folder_then_the_environment_then_the_command_line()
    {
        await using var server = await ServerProcess.Start(
            new Dictionary<string, string>
            {
                ["Executor__Environment__B"] = "environment",
                ["Executor__Environment__C"] = "environment",
            }
        );
        await server.Kill();
        await File.WriteAllTextAsync(
            Path.Combine(server.Folder, "appsettings.json"),
            """{ "Executor": { "Environment": { "A": "file", "B": "file", "C": "file" } } }"""
        );
        await server.StartAgain("--Executor:Environment:C=the command line");

        var user = server.NewAccount();
        var run = await user.EndedRunOf(
            await user.AJob("import os\nprint(*(os.environ[name] for name in 'ABC'), sep='|')\n")
        );
        Assert.True(GlueUser.State(run) == "SUCCEEDED", run.ToJsonString());
        Assert.Equal("file|environment|the command line\n", server.Output((string)run["Id"]!));
    }

    [Theory]
    [InlineData("""{ "Executor": { "StopGrase": "00:00:01" } }""", "StopGrase")]
    [InlineData("""{ "Executor": { "StopGrace": "banana" } }""", "StopGrace")]
    [InlineData("""{ "Executor": """, "appsettings.json")]
    public async Task That_cannot_be_used_is_named(string json, string names)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "appsettings.json"), json);
        Assert.Contains(names, await Refused("--data", Path.Combine(Folder, "data")), StringComparison.Ordinal);
    }
}
