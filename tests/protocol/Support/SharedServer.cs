using Xunit;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>One server for all tests that need some server; each of them works in an account of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    internal ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Server = await ServerProcess.Start(
            new Dictionary<string, string> { ["DATABASE_PASSWORD"] = Secret, ["AWS_SECRET_ACCESS_KEY"] = Secret },
            "--Executor:StopGrace=00:00:01"
        );

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Is in the environment of the node, and of nobody else.</summary>
    internal const string Secret = "s3cret-of-the-node";

    internal GlueUser NewAccount() => Server.NewAccount();
}
