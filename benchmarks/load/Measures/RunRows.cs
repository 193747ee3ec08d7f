using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>What a node's run table says, asked behind the node's back.</summary>
/// <param name="source">Of the node's database.</param>
/// <param name="clock">Of the measurement.</param>
/// <param name="cancellation">Of the measurement.</param>
internal sealed class RunRows(NpgsqlDataSource source, TimeProvider clock, CancellationToken cancellation)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Not the first of a job, that <see cref="Jobs.Create"/> has started, and that goes on.</summary>
    public const string ByCallers = "ordinal > 1";

    /// <param name="which">In SQL.</param>
    public async Task<long> Count(string which)
    {
        await using var command = source.CreateCommand($"SELECT count(*) FROM runs WHERE {which}");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Returns when there are none of these any more.</summary>
    /// <exception cref="CannotMeasureException">There still are.</exception>
    public async Task AreGone(string which)
    {
        var begunAt = clock.GetTimestamp();
        while (await Count(which) is > 0 and var left)
        {
            if (clock.GetElapsedTime(begunAt) > Patience)
            {
                throw new CannotMeasureException(
                    $"{left} runs are still there {Patience.TotalSeconds} s after the last start: {which}."
                );
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }
}
