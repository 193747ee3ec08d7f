using System.Reflection;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>Where the programs are that are measured. They were built with this one.</summary>
internal static class NodeProgram
{
    /// <summary>The node as users start it.</summary>
    public static string Real => Find("NodeProgram");

    /// <summary>The same with simulated scripts, and what it is compared with: <c>benchmarks/node</c>.</summary>
    public static string Simulated => Find("SimulatedNodeProgram");

    private static string Find(string key) =>
        typeof(NodeProgram)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == key)
            .Value!;
}
