using System.Text.Json.Nodes;
using GlueOrleans.Tests.ChaosSuite.Cluster;
using Npgsql;

namespace GlueOrleans.Tests.ChaosSuite.Load;

/// <summary>Starts runs, stops some of them, looks at others, until it is told to end.</summary>
internal sealed class Clients(GlueHttp glue, HistoryTable history, Ledger ledger, int seed)
{
    /// <summary>No client waits longer for one call, with all its repetitions: longer than any fault lasts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private volatile IReadOnlyDictionary<string, int> _unsettled = new Dictionary<string, int>();

    /// <summary>Completes when it was told to end and every call has been answered.</summary>
    public Task Run(CancellationToken end) =>
        Task.WhenAll(
            Jobs.All.SelectMany(
                    (job, n) =>
                        Enumerable.Range(0, job.Clients).Select(i => Use(job, new Random(seed + n * 31 + i), end))
                )
                .Append(WatchTheBacklog(end))
        );

    private async Task Use(ChaosJob job, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            if (_unsettled.GetValueOrDefault(job.Name) < job.Backlog)
                await StartOne(job, random);
            await Pause(TimeSpan.FromMilliseconds(random.Next(200, 900)), end);
        }
    }

    private async Task StartOne(ChaosJob job, Random random)
    {
        var request = new { JobName = job.Name, Arguments = job.Arguments(random) };
        var answer = await glue.Call("StartJobRun", request, Patience);
        if (answer is null)
        {
            ledger.Count(ledger.Answers, "never answered");
            return;
        }

        if (answer.Error is { } error)
        {
            ledger.Count(ledger.Answers, error);
            if (error is not ("ConcurrentRunsExceededException" or "ResourceNumberLimitExceededException"))
                ledger.Complain("answers", $"StartJobRun of {job.Name} was answered with {answer.Body.ToJsonString()}");
            return;
        }

        var runId = (string)answer.Body["JobRunId"]!;
        ledger.Acknowledged.Enqueue(new(runId, job.Name, Machine.Uptime));
        if (random.Next(4) == 0)
            await Look(job, runId);
        if (job.IsStopped)
        {
            await Pause(TimeSpan.FromMilliseconds(random.Next(0, 4000)), CancellationToken.None);
            await Stop(job, runId);
        }
    }

    /// <summary>What was acknowledged is there for everybody.</summary>
    private async Task Look(ChaosJob job, string runId)
    {
        if (await glue.Call("GetJobRun", new { JobName = job.Name, RunId = runId }, Patience) is { Error: { } error })
            ledger.Complain(
                "answers",
                $"GetJobRun of {runId}, which was acknowledged, was answered with {error}",
                runId
            );
    }

    private async Task Stop(ChaosJob job, string runId)
    {
        var request = new { JobName = job.Name, JobRunIds = new[] { runId } };
        if (await glue.Call("BatchStopJobRun", request, Patience) is not { } answer)
            return;
        if (answer.Error is { } error)
            ledger.Complain("answers", $"BatchStopJobRun of {runId} was answered with {error}", runId);
        else if (answer.Body["SuccessfulSubmissions"] is JsonArray { Count: > 0 })
            ledger.Stopped.Enqueue(runId);
        else if (
            answer.Body["Errors"]?[0]?["ErrorDetail"]?["ErrorCode"] is { } code
            && (string?)code == "EntityNotFoundException"
        )
            ledger.Complain("answers", $"BatchStopJobRun did not find {runId}, which was acknowledged", runId);
    }

    /// <summary>From the database, so that the load stays as it is while the gateways do not answer.</summary>
    private async Task WatchTheBacklog(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                _unsettled = await history.Unsettled();
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                // The database has been killed; the last count will do.
            }

            await Pause(TimeSpan.FromMilliseconds(500), end);
        }
    }

    private static Task Pause(TimeSpan time, CancellationToken end) =>
        Task.Delay(time, TimeProvider.System, end).ContinueWith(_ => { }, TaskScheduler.Default);
}
