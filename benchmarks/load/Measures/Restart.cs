using GlueOrleans.Benchmarks.Load.Measuring;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// How long a node takes from its process' start until it says that it is ready and has answered GetJobRun, when the one before
/// it was killed and has left a hundred thousand runs that wait and ten thousand that run. Against the same with none.
/// </summary>
/// <remarks>It is the only node, so it begins at once to take all of them up again; it answers meanwhile.</remarks>
internal sealed class Restart : IMeasure
{
    private const int RunningOfJob = 10;
    private const int WaitingOfJob = 100;

    public int Number => 11;

    public string Title => "From a node's start to its first answers, with many unfinished runs";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var jobs = bench.IsQuick ? 100 : 1000;
        await using var left = await LeftTable.Make(bench, jobs, RunningOfJob, WaitingOfJob, cancellation);
        var figures = await bench.InTurn(
            bench.FewRounds,
            (
                $"a start with {jobs * WaitingOfJob:N0} runs WAITING and {jobs * RunningOfJob:N0} RUNNING",
                () => left.Start(cancellation)
            ),
            ("a start with none", () => left.StartWithNone(cancellation))
        );
        return
        [
            new Comparison(
                $"{jobs * WaitingOfJob:N0} WAITING, {jobs * RunningOfJob:N0} RUNNING",
                "s",
                figures[0],
                figures[1],
                Goal.ExcessAtMost(5)
            ),
        ];
    }
}
