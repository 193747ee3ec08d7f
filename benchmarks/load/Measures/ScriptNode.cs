using System.Globalization;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>A node that runs scripts as users start it, on SQLite, and the script that it is to run.</summary>
internal sealed class ScriptNode : IAsyncDisposable
{
    private ScriptNode(PythonScript script, LocalNode node) => (Script, Node) = (script, node);

    /// <summary>How many scripts it runs at a time.</summary>
    public static int AtOnce { get; } = 2 * Environment.ProcessorCount;

    public PythonScript Script { get; }

    public LocalNode Node { get; }

    public static Task<ScriptNode> Of(Bench bench) => bench.Shared("scripts", () => Start(bench));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Script.Dispose();
    }

    private static async Task<ScriptNode> Start(Bench bench)
    {
        var script = new PythonScript();
        try
        {
            var node = await bench.StartRealNode(
                null,
                $"--Executor:Python={script.Interpreter}",
                string.Create(CultureInfo.InvariantCulture, $"--Executor:MaxRuns={AtOnce}")
            );
            return new ScriptNode(script, node);
        }
        catch
        {
            script.Dispose();
            throw;
        }
    }
}
