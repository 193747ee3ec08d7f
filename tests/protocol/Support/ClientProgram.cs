using Xunit;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>The programs in clients/, which use AWS's official SDKs.</summary>
internal static class ClientProgram
{
    /// <summary>Nobody's profiles.</summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["AWS_CONFIG_FILE"] = "/dev/null",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
    };

    /// <summary>A Python program with boto3, or a <c>.mjs</c> with the SDK for JavaScript. Skips the test without boto3.</summary>
    public static async Task<Ended> Run(string program, params string[] words)
    {
        if (program.EndsWith(".mjs", StringComparison.Ordinal))
        {
            Assert.True(
                Directory.Exists(Path.Combine(Places.Clients, "node_modules", "@aws-sdk")),
                "The SDK is not installed: npm ci --prefix tests/protocol/clients (tests/run does it)."
            );
            return await Program.Run("node", [program, .. words], Places.Clients, Environment);
        }

        var boto3 = await Program.Run("python3", ["-c", "import boto3"], Places.Clients);
        Assert.SkipUnless(boto3.ExitCode == 0, "boto3 is not installed: apt-get install python3-boto3.");
        return await Program.Run("python3", [program, .. words], Places.Clients, Environment);
    }
}
