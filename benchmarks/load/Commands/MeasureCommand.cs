using System.CommandLine;
using GlueOrleans.Benchmarks.Load.Measures;
using GlueOrleans.Benchmarks.Load.Measuring;
using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load.Commands;

/// <summary><c>measure</c></summary>
internal static class MeasureCommand
{
    private const int NotReached = 1;
    private const int NotMeasured = 2;

    /// <summary>Those of one line share what they measure, in this order. Scripts first: nothing is to be left of a database that
    /// still writes to the disk.</summary>
    private static readonly IMeasure[][] Groups =
    [
        [new ScriptStart(), new ScriptBurst()],
        [new WholeRuns(), new StartRuns(), new StartHotJob(), new ReadLiveRuns()],
        [MemoryPerRun.Finished(), MemoryPerRun.Waiting(), MemoryPerRun.Running()],
        [new StartRunsEmbedded()],
        [new HistoryStarts(), new HistoryPages()],
        [new Restart()],
    ];

    private static IEnumerable<IMeasure> All => Groups.SelectMany(group => group).OrderBy(measure => measure.Number);

    public static Command Create(IAnsiConsole console)
    {
        var numbers = new Argument<int[]>("numbers")
        {
            Description = $"Which measures:\n{string.Join('\n', All.Select(m => $"{m.Number, 2}  {m.Title}"))}",
            HelpName = "NUMBER…",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [.. All.Select(measure => measure.Number).Distinct()],
        };
        numbers.AcceptOnlyFromAmong([.. All.Select(measure => $"{measure.Number}").Distinct()]);
        var quick = new Option<bool>("--quick") { Description = "Shorter and fewer tries: all in about four minutes." };
        var rounds = new Option<int?>("--rounds")
        {
            Description =
                "How often each figure is taken, in turn with what it is compared with. [default: 3; quick: 2]",
        };
        rounds.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number) && number < 1)
                result.AddError($"--rounds is {text}: give a number above 0.");
        });
        var json = new Option<string?>("--json")
        {
            Description = "A file that gets everything that was measured.",
            HelpName = "FILE",
        };
        var strict = new Option<bool>("--strict") { Description = "Exit code 1 if a goal is not reached." };
        var command = new Command(
            "measure",
            "What a node does, side by side with what its machine, its database and its web server could do at most. Exit codes: 0 "
                + "all was measured; 1 with --strict, a goal was not reached; 2 something could not be measured."
        )
        {
            numbers,
            quick,
            rounds,
            json,
            strict,
        };
        command.SetAction(
            async (given, cancellation) =>
            {
                var chosen = given.GetValue(numbers)!.ToHashSet();
                var report = new Report(TimeProvider.System);
                await Steps.Show(
                    TimeProvider.System,
                    async say =>
                    {
                        await using var bench = new Bench(given.GetValue(quick), given.GetValue(rounds), say);
                        foreach (var group in Groups)
                        {
                            foreach (var measure in group.Where(measure => chosen.Contains(measure.Number)))
                                await report.Add(measure, bench, cancellation);
                            await bench.EndShared();
                        }
                    }
                );
                report.Write(console);
                if (given.GetValue(json) is { } file)
                    await File.WriteAllTextAsync(file, report.ToJson(), cancellation);
                return report.Failures.Count > 0 ? NotMeasured
                    : given.GetValue(strict) && report.IsAnyMissed ? NotReached
                    : 0;
            }
        );
        return command;
    }
}
