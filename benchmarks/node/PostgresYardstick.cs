using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>One INSERT and commit per call on PostgreSQL, each caller on a connection of its own. What pgbench does, for where it
/// is not installed; it takes a little more of the processors than that does.</summary>
internal static class PostgresYardstick
{
    public static async Task<int> Run(string database, int callers, int jobs, TimeSpan duration)
    {
        await using var rows = await InsertedRows.Open(database, CancellationToken.None);
        // Connections are made, and statements planned.
        await Calls(TimeSpan.FromSeconds(0.5));
        var begunAt = Stopwatch.GetTimestamp();
        var inserted = await Calls(duration);
        var rate = inserted / Stopwatch.GetElapsedTime(begunAt).TotalSeconds;
        await Console.Out.WriteLineAsync(rate.ToString("F1", CultureInfo.InvariantCulture));
        return 0;

        async Task<long> Calls(TimeSpan lasting)
        {
            var begun = Stopwatch.GetTimestamp();
            return (await Task.WhenAll(Enumerable.Range(0, callers).Select(Call))).Sum();

            async Task<long> Call(int caller)
            {
                var count = 0L;
                for (; Stopwatch.GetElapsedTime(begun) < lasting; count++)
                    await rows.Insert($"load-inserts-{Random.Shared.Next(jobs):D5}");
                return count;
            }
        }
    }
}
