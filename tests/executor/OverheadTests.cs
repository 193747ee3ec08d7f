using System.Diagnostics;
using System.Globalization;
using GlueOrleans.Executors;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class OverheadTests : ExecutorTest
{
    /// <summary>Prints what the supervisor costs; run it with <c>-explicit only</c>.</summary>
    [Fact(Explicit = true)]
    public async Task What_a_launch_costs_over_the_bare_script()
    {
        Options.Python = (await Python("-c", "import sys; print(sys.executable)")).Output.Trim();
        var bare = new List<double>();
        var launched = new List<double>();
        var executor = AnExecutor();
        for (var i = 0; i < 20; i++)
        {
            var here = ASignpost("__import__('time').time()");
            var run = ARun(here.Python);
            var start = Now();
            await executor.Launch(run);
            launched.Add(double.Parse(await Written(here.File), CultureInfo.InvariantCulture) - start);

            here = ASignpost("__import__('time').time()");
            var script = ARun(here.Python).Settings.Command.ScriptLocation!;
            start = Now();
            using var process = Process.Start(
                Supervisor.Detached(Options.Python, [script], Folder, new Dictionary<string, string>())
            )!;
            bare.Add(double.Parse(await Written(here.File), CultureInfo.InvariantCulture) - start);
            await process.WaitForExitAsync();
        }

        Console.WriteLine($"medians of 20: launched {Median(launched):0.0} ms, bare {Median(bare):0.0} ms");
    }

    private static double Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2) * 1000;
}
