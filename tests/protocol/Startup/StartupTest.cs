using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

/// <summary>A folder to start nodes in, most of which will not start.</summary>
public abstract class StartupTest : IDisposable
{
    private const int CouldNotStart = 2;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("glue-startup-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The node does not start, and says why: no log, no stack trace.</summary>
    protected async Task<string> Refused(params string[] words)
    {
        var ended = await Program.Node(
            Folder,
            words.Contains("--urls") ? words : ["--urls", "http://127.0.0.1:0", .. words]
        );
        AssertRefused(ended);
        return ended.Error;
    }

    private static void AssertRefused(Ended ended)
    {
        Assert.True(ended.ExitCode == CouldNotStart, ended.ToString());
        Assert.StartsWith("glue-orleans: ", ended.Error, StringComparison.Ordinal);
        Assert.True(ended.Output.Length == 0, ended.ToString());
        Assert.DoesNotContain("\n   at ", ended.Error, StringComparison.Ordinal);
    }
}
