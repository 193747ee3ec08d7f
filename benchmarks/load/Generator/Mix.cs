namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>The requests of one measurement: one StartJobRun for four GetJobRun, each of any of the jobs.</summary>
/// <remarks>Clients poll: a run that takes a minute is asked for several times.</remarks>
internal sealed class Mix(IReadOnlyList<Request> starts, IReadOnlyList<Request> reads, Random random)
{
    public const double PartOfStarts = 0.2;

    /// <summary>By one thread at a time.</summary>
    public Request Next()
    {
        var requests = random.NextDouble() < PartOfStarts ? starts : reads;
        return requests[random.Next(requests.Count)];
    }
}
