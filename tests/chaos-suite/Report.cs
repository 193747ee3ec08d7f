using System.Globalization;
using System.Text;
using GlueOrleans.Tests.ChaosSuite.Checker;
using GlueOrleans.Tests.ChaosSuite.Load;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>What a pass has come to, for a person.</summary>
internal sealed class Report(ChaosOptions options, Ledger ledger, History history, IReadOnlyList<Violation> violations)
{
    /// <summary>More histories than anybody reads help nobody.</summary>
    private const int MostHistories = 12;

    /// <summary>What became of runs whose host was killed: seconds until the last of them had ended, for each host.</summary>
    private IEnumerable<double> LostHosts()
    {
        var runs = history.ByRun();
        foreach (var (node, at) in ledger.LostHosts)
        {
            var ends = runs
                .Values.Where(versions =>
                    versions.LastOrDefault(version => version.At <= at) is { HoldsSlot: true } then && then.Node == node
                )
                .Select(versions => versions.FirstOrDefault(version => version.IsTerminal)?.At - at)
                .OfType<double>()
                .ToList();
            if (ends.Count > 0)
                yield return ends.Max();
        }
    }

    /// <summary>Scripts that went on when their silo was killed, and whose success its next process recorded.</summary>
    private int Reattached() =>
        ledger.KilledSilos.Sum(killed =>
            history.Executions.Count(execution =>
                execution.Node == killed.Node
                && execution.Begins < killed.At
                && execution.LastSeen > killed.At + 1
                && history.Last().GetValueOrDefault(execution.RunId) is { State: "SUCCEEDED" }
            )
        );

    public override string ToString()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

        var last = history.Last();
        Line($"");
        Line(
            $"Chaos, {options.Time.TotalMinutes:0.#} minutes of it, seed {options.Seed}, {options.Silos} silos, 2 gateways"
        );
        Line($"");
        Line($"{ledger.Faults.Values.Sum()} faults injected");
        foreach (var (fault, count) in ledger.Faults.OrderBy(fault => fault.Key, StringComparer.Ordinal))
            Line($"  {count, 5}  {fault}");
        Line(
            $"{history.Acknowledged.Count} runs acknowledged, {last.Count} runs with their retries, {history.Executions.Count} scripts executed, {history.Versions.Count} rows written"
        );
        foreach (var state in last.Values.GroupBy(run => run.State).OrderByDescending(state => state.Count()))
            Line($"  {state.Count(), 5}  {state.Key}");
        foreach (var (answer, count) in ledger.Answers.OrderBy(answer => answer.Key, StringComparer.Ordinal))
            Line($"  {count, 5}  calls: {answer}");
        Line($"  {Reattached(), 5}  scripts outlived their silo and were found again");
        Line(
            $"  {LimitRules.Overbooked(history), 5}  runs were placed on a node that had no room by the rows, and waited again"
        );
        foreach (var seconds in LostHosts())
            ledger.Recovered("runs of a killed host have ended", seconds);
        Line($"recovery, in seconds                          count     p50     p99     max");
        foreach (var (what, times) in ledger.Recoveries.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            var sorted = times.Order().ToList();
            Line(
                $"  {Names.GetValueOrDefault(what, what), -42}  {sorted.Count, 5}  {At(sorted, 0.5), 6:0.00}  {At(sorted, 0.99), 6:0.00}  {sorted[^1], 6:0.00}"
            );
        }

        Line($"{violations.Count} violations");
        foreach (var violation in violations)
            Line($"  {violation.Rule}: {violation.What}");
        foreach (
            var runId in violations
                .Select(v => v.RunId)
                .OfType<string>()
                .Select(History.RootOf)
                .Distinct()
                .Take(MostHistories)
        )
            Line($"{history.Describe(runId)}");
        return text.ToString();
    }

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["kill -9 silo"] = "kill -9 silo: all its grains answer",
        ["kill -9 host"] = "kill -9 host: all its grains answer",
        ["kill -9 all silos"] = "kill -9 all silos: all grains answer",
        ["hung silo"] = "hung silo: all its grains answer",
        ["kill -9 database"] = "database is back: StartJobRun succeeds",
    };

    /// <summary>The smallest of the values that so large a part of them does not exceed.</summary>
    private static double At(List<double> sorted, double part) =>
        sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Count) - 1, 0, sorted.Count - 1)];
}
