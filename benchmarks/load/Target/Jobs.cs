using System.Text.Json.Nodes;
using GlueOrleans.Benchmarks.Load.Generator;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>The jobs that are started, each with a run that is asked for.</summary>
/// <remarks>
/// Their script does not exist. So on a node that runs scripts a run goes its whole way through the control plane (accepted,
/// STARTING, an executor, FAILED: two commits and a report), and nothing of what is measured is the cost of the scripts' own
/// processes.
/// </remarks>
internal sealed class Jobs
{
    /// <summary>As many as a <see cref="LocalNode"/> lets a job have at a time.</summary>
    public const int ManyRuns = 1_000_000;

    /// <summary>Arguments of a run whose simulated script succeeds at once, whatever others of its node do.</summary>
    public static readonly IReadOnlyDictionary<string, string> EndAtOnce = new Dictionary<string, string>
    {
        ["--simulated-outcome"] = "succeed",
    };

    private const int AtATime = 16;

    /// <summary>Of a page of <see cref="Operation.GetJobRuns"/>.</summary>
    private const int PageSize = 50;

    private readonly (string Job, string Run)[] _jobs;

    private Jobs(int count) => _jobs = new (string, string)[count];

    /// <param name="url">Of a gateway.</param>
    /// <param name="credentials">That requests are signed with.</param>
    /// <param name="count">How many jobs.</param>
    /// <param name="clock">Dates signatures.</param>
    /// <param name="maxConcurrentRuns">Of each.</param>
    /// <param name="mayQueue">Whether a run that finds no room waits for it, and is not refused.</param>
    /// <exception cref="InvalidOperationException">The gateway refuses.</exception>
    public static async Task<Jobs> Create(
        Uri url,
        Credentials credentials,
        int count,
        TimeProvider clock,
        int maxConcurrentRuns = 1000,
        bool mayQueue = false
    )
    {
        var jobs = new Jobs(count);
        var prefix = $"load-{Guid.NewGuid():N}-";
        using var glue = new GlueClient(url, credentials, clock);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (i, ending) =>
            {
                var name = $"{prefix}{i:D5}";
                await glue.CreateJob(name, ending, maxConcurrentRuns, mayQueue);
                jobs._jobs[i] = (name, await glue.StartRun(name, ending));
            }
        );
        return jobs;
    }

    /// <summary>Starts and reads mixed. Fresh ones: signatures grow old.</summary>
    public Mix Requests(RequestFactory factory, Random random) =>
        new(Of(factory, Operation.StartJobRun), Of(factory, Operation.GetJobRun), random);

    /// <summary>One request of this kind for each job, in their order. Fresh ones: signatures grow old.</summary>
    /// <param name="factory">Makes them.</param>
    /// <param name="operation">Their kind.</param>
    /// <param name="areToEnd">Whether a simulated script ends at once, whatever others of its node do.</param>
    public Request[] Of(RequestFactory factory, Operation operation, bool areToEnd = false) =>
        [
            .. _jobs.Select(job =>
                factory.Make(
                    operation,
                    operation switch
                    {
                        Operation.StartJobRun when areToEnd => new JsonObject
                        {
                            ["JobName"] = job.Job,
                            ["Arguments"] = new JsonObject(
                                EndAtOnce.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))
                            ),
                        }.ToJsonString(),
                        Operation.StartJobRun => new JsonObject { ["JobName"] = job.Job }.ToJsonString(),
                        Operation.GetJobRun => new JsonObject
                        {
                            ["JobName"] = job.Job,
                            ["RunId"] = job.Run,
                        }.ToJsonString(),
                        Operation.GetJobRuns => new JsonObject
                        {
                            ["JobName"] = job.Job,
                            ["MaxResults"] = PageSize,
                        }.ToJsonString(),
                        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation."),
                    }
                )
            ),
        ];

    /// <summary>Any of these, one as often as the other.</summary>
    public static Func<Request> Any(IReadOnlyList<Request> requests, Random random) =>
        () => requests[random.Next(requests.Count)];
}
