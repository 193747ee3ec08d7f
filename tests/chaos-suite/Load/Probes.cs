using System.Text.Json;
using GlueOrleans.Tests.ChaosSuite.Cluster;

namespace GlueOrleans.Tests.ChaosSuite.Load;

/// <summary>
/// Asks many grains, spread over the silos, whether they are there: each one again and again, in a loop of its own, through
/// any gateway.
/// </summary>
internal sealed class Probes(GlueHttp glue)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(300);

    /// <summary>When the last call began that was answered, for each.</summary>
    private readonly double[] _lastGood = new double[Jobs.Probes];

    public Task Run(CancellationToken end) =>
        Task.WhenAll(Enumerable.Range(0, Jobs.Probes).Select(probe => Ask(probe, end)));

    /// <summary>Whether all have answered since then.</summary>
    public bool HaveAnsweredSince(double uptime) => _lastGood.All(good => good > uptime);

    /// <summary>
    /// How long after this moment the last of them has answered a call that was made after it; <c>null</c> if that takes longer
    /// than the patience.
    /// </summary>
    public async Task<double?> AllAnswerAfter(double uptime, TimeSpan patience)
    {
        while (!HaveAnsweredSince(uptime))
        {
            if (Machine.Uptime > uptime + patience.TotalSeconds)
                return null;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return Machine.Uptime - uptime;
    }

    private async Task Ask(int probe, CancellationToken end)
    {
        var request = JsonSerializer.SerializeToUtf8Bytes(new { JobName = Jobs.Probe(probe) });
        while (!end.IsCancellationRequested)
        {
            var asked = Machine.Uptime;
            if (await glue.Try("GetJob", request, Guid.NewGuid().ToString()) is { Error: null })
                _lastGood[probe] = asked;
            await Task.Delay(Period, TimeProvider.System, CancellationToken.None);
        }
    }
}
