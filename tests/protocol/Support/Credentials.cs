using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>A file of access keys, changed as an operator changes it: by <c>glue-orleans credentials</c>.</summary>
internal sealed class Credentials : IDisposable
{
    private const string KeyLine = "export AWS_ACCESS_KEY_ID=";
    private const string SecretLine = "export AWS_SECRET_ACCESS_KEY=";

    private readonly string _folder = Directory.CreateTempSubdirectory("glue-credentials-").FullName;

    public string File => Path.Combine(_folder, "credentials.json");

    /// <summary>For a node that is to ask for them.</summary>
    public Dictionary<string, string> Environment => new() { ["Auth__CredentialsFile"] = File };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Makes an access key; reads it from the lines that a person would paste.</summary>
    public async Task<TestKey> Add(string account, params string[] words)
    {
        var ended = await Run(["add", "--account", account, .. words]);
        return new TestKey(Line(KeyLine), Line(SecretLine));

        string Line(string start) =>
            ended.Output.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..];
    }

    /// <summary>Must go well.</summary>
    public async Task<Ended> Run(params string[] words)
    {
        var ended = await Program.Node(_folder, ["credentials", .. words, "--file", File]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        return ended;
    }
}
