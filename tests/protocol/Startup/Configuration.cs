using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class Configuration : StartupTest
{
    [Fact]
    public async Task Comes_from_the_environment()
    {
        await using var server = await ServerProcess.Start(
            new Dictionary<string, string> { ["Executor__Environment__GREETING"] = "hello from the environment" }
        );
        Assert.Equal("hello from the environment\n", await Greeting(server));
    }

    [Fact]
    public async Task Comes_from_appsettings_json_in_the_working_folder_and_the_command_line_wins()
    {
        await using var server = await ServerProcess.Start();
        await File.WriteAllTextAsync(
            Path.Combine(server.Folder, "appsettings.json"),
            """{ "Executor": { "Environment": { "GREETING": "hello from the file" } } }"""
        );
        await server.Kill();
        await server.StartAgain();
        Assert.Equal("hello from the file\n", await Greeting(server));

        await server.Kill();
        await server.StartAgain("--Executor:Environment:GREETING=hello from the command line");
        Assert.Equal("hello from the command line\n", await Greeting(server));
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

    [Fact]
    public async Task A_script_gets_the_variables_that_are_configured_for_it()
    {
        await using var server = await ServerProcess.Start("--Executor:Environment:GREETING=hello");
        Assert.Equal("hello\n", await Greeting(server));
    }

    private static async Task<string> Greeting(ServerProcess server)
    {
        var user = server.NewAccount();
        var run = await user.EndedRunOf(await user.AJob("import os\nprint(os.environ['GREETING'])\n"));
        Assert.True(GlueUser.State(run) == "SUCCEEDED", run.ToJsonString());
        return server.Output((string)run["Id"]!);
    }
}
