using GlueOrleans.Tests.Protocol.Startup;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Security;

public sealed class The_credentials_command : StartupTest
{
    private const string Account = "123456789012";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string Data => Path.Combine(Folder, "data");

    private string DefaultFile => Path.Combine(Data, "credentials.json");

    [Fact]
    public async Task Makes_the_file_in_the_data_folder_and_shows_a_secret_once()
    {
        var added = await Program.Node(
            Folder,
            "credentials",
            "add",
            "--data",
            Data,
            "--account",
            Account,
            "--jobs",
            "sales-*,y",
            "x"
        );
        Assert.True(added.ExitCode == 0, added.ToString());
        Assert.All(
            added.Output.TrimEnd().Split('\n'),
            line =>
                Assert.True(
                    line.StartsWith("# ", StringComparison.Ordinal)
                        || line.StartsWith("export AWS_", StringComparison.Ordinal),
                    line
                )
        );
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(DefaultFile));
        var secret = added.Output.Split("AWS_SECRET_ACCESS_KEY=")[1].Split('\n')[0];
        var id = added.Output.Split("AWS_ACCESS_KEY_ID=")[1].Split('\n')[0];
        Assert.Equal((20, 40), (id.Length, secret.Length));

        var listed = await Program.Node(Folder, "credentials", "list", "--data", Data);
        Assert.True(listed.ExitCode == 0, listed.ToString());
        Assert.All(
            [id, Account, "sales-* y x", "all"],
            text => Assert.Contains(text, listed.Output, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(secret, listed.Output, StringComparison.Ordinal);

        var removed = await Program.Node(Folder, "credentials", "remove", id, "--data", Data);
        Assert.True(removed.ExitCode == 0, removed.ToString());
        Assert.DoesNotContain(id, await File.ReadAllTextAsync(DefaultFile), StringComparison.Ordinal);
        Assert.Equal([DefaultFile], Directory.GetFileSystemEntries(Data));
    }

    [Theory]
    [InlineData("is '12': give an AWS account id", "add", "--account", "12")]
    [InlineData("operation 'StartJob'", "add", "--operations", "StartJob")]
    [InlineData("operation ','", "add", "--operations", ",")]
    [InlineData("operation ''", "add", "--operations", "")]
    [InlineData("a job pattern of", "add", "--jobs", "")]
    [InlineData("has 0 characters", "add", "--access-key-id", "AKIAIOSFODNN7EXAMPLE")]
    [InlineData("is not there", "remove", "AKIAIOSFODNN7EXAMPLE")]
    [InlineData("--opertions", "add", "--opertions", "Get*")]
    public async Task Says_what_is_wrong_and_writes_nothing(string says, params string[] words)
    {
        var message = await Refused(["credentials", .. words, "--file", Path.Combine(Folder, "new", "file.json")]);
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Takes_no_file_that_others_can_read_and_no_key_that_is_not_there()
    {
        await Program.Node(Folder, "credentials", "add", "--data", Data);
        Assert.Contains(
            "no access key AKIANOBODYS7EXAMPLE",
            await Refused("credentials", "remove", "AKIANOBODYS7EXAMPLE", "--data", Data),
            StringComparison.Ordinal
        );
        File.SetUnixFileMode(DefaultFile, OwnerOnly | UnixFileMode.OtherRead);
        Assert.Contains(
            $"chmod 600 {DefaultFile}",
            await Refused("credentials", "list", "--data", Data),
            StringComparison.Ordinal
        );
        Assert.Contains($"chmod 600 {DefaultFile}", await Refused("--data", Data), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    public async Task Is_what_a_node_asks_for_that_others_are_to_reach(string url)
    {
        var refused = await Refused("--urls", url, "--data", Data);
        Assert.Contains($"credentials add --file {DefaultFile}", refused, StringComparison.Ordinal);

        await Program.Node(Folder, "credentials", "add", "--data", Data);
        await using var server = await ServerProcess.Start(
            new Dictionary<string, string> { ["Auth__CredentialsFile"] = DefaultFile },
            "--urls",
            url
        );
        await server
            .Log.Line(line => line.Contains("with credentials only: 1 access key", StringComparison.Ordinal))
            .WaitAsync(Poll.Patience);
    }

    [Fact]
    public async Task Is_asked_for_of_nodes_without_the_API_as_well()
    {
        var refused = await Refused(
            "--urls",
            "http://0.0.0.0:0",
            "--Cluster:Database=Host=127.0.0.1;Port=1;Database=x;Username=x",
            "--Cluster:Roles=silo"
        );
        Assert.Contains("credentials add --file", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_named_where_the_file_of_the_configuration_is_not_there()
    {
        var missing = Path.Combine(Folder, "missing.json");
        Assert.Contains(
            $"credentials add --file {missing}",
            await Refused($"--Auth:CredentialsFile={missing}"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Keeps_secrets_off_the_command_line()
    {
        var refused = await Refused("--Auth:Credentials:0:SecretAccessKey=hidden-hidden-hidden");
        Assert.Contains("Auth__Credentials__0__SecretAccessKey", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", refused, StringComparison.Ordinal);
    }
}
