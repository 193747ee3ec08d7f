using System.Reflection;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>Where things are in the checkout that these tests were built from.</summary>
internal static class Places
{
    /// <summary>The node's assembly, as <c>dotnet</c> runs it.</summary>
    public static string NodeProgram { get; } = Metadata("NodeProgram");

    public static string Repository { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    public static string ProtocolTests { get; } = Path.Combine(Repository, "tests", "protocol");

    public static string Clients { get; } = Path.Combine(ProtocolTests, "clients");

    private static string Metadata(string key) =>
        typeof(Places)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == key)
            .Value!;
}
