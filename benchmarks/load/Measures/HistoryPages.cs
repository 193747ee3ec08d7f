using System.Text.Json.Nodes;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// How long it takes to read a page of a job's history, the first and one in the middle, when a million runs are in it. Against
/// the same with a thousand, and against the query that no page can do without.
/// </summary>
/// <remarks>Both jobs are one node's and in one table: whatever differs is the history's.</remarks>
internal sealed class HistoryPages : IMeasure
{
    private const int PageSize = 50;
    private const int ShortHistory = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public int Number => 6;

    public string Title =>
        "GetJobRuns, first and deep page, p50, of a job with a long history, and of one with a short one";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var length = bench.IsQuick ? 100_000 : 1_000_000;
        var node = await History.Short(bench, cancellation);
        await using var source = NpgsqlDataSource.Create(node.Database);
        await using var driver = await Driver.Open([node.Node.Url], 1, bench.Clock);
        var few = await Make("short-", ShortHistory);
        var many = await Make("long-", length);
        await RunSeeds.Settle(node.Database, cancellation);
        bench.Say("warming up");
        await few.WarmUp();
        await many.WarmUp();
        List<Comparison> comparisons = [];
        foreach (var isDeep in (bool[])[false, true])
        {
            await few.GoTo(isDeep, cancellation);
            await many.GoTo(isDeep, cancellation);
            var what = $"{(isDeep ? "deep" : "first")} page of {PageSize} of {length:N0} runs, p50";
            // Pages of this place are in the database's memory, and the query alone is compiled.
            await few.Read();
            await many.Read();
            await many.Query(cancellation);
            var figures = await bench.InTurn(
                (what, many.Read),
                ($"the same of {ShortHistory:N0} runs", few.Read),
                ("the query alone", () => many.Query(cancellation))
            );
            comparisons.Add(
                new Comparison($"{what}, to {ShortHistory:N0}", "ms", figures[0], figures[1], Goal.RatioAtMost(1.1))
            );
            comparisons.Add(new Comparison($"{what}, to the query", "ms", figures[0], figures[2], Goal.RatioAtMost(2)));
        }

        return comparisons;

        async Task<Pages> Make(string prefix, int runs)
        {
            bench.Say($"making a job with {runs:N0} runs");
            using var glue = new GlueClient(node.Node.Url, bench.Credentials, bench.Clock);
            var job = node.Jobs[0];
            var template = await glue.StartRun(job, cancellation);
            await glue.WaitFor(job, template, "SUCCEEDED", Patience, cancellation);
            var name = RunSeeds.JobName(prefix, 0);
            await glue.CreateJob(name, cancellation);
            await RunSeeds.CopyRun(node.Database, template, prefix, jobs: 1, first: 1, runs, cancellation);
            return new Pages(bench, node.Node.Url, name, runs, driver, source);
        }
    }

    /// <summary>The pages of one job's history.</summary>
    private sealed class Pages(Bench bench, Uri url, string job, int length, Driver driver, NpgsqlDataSource source)
    {
        /// <summary>The store's own. One row more than a page shows says whether there is a next one.</summary>
        private const string Keyset = """
            SELECT
                account, job_name, id, ordinal, version, state, ends_as, attempt, previous_run_id, trigger_name, started_on,
                running_since, last_modified_on, completed_on, deadline_at, due_at, delay_notified_in, successor_due_at,
                state_detail, error_message, settings, executor_node, executor_epoch
            FROM runs WHERE account = $1 AND job_name = $2 AND ordinal < $3 ORDER BY ordinal DESC LIMIT 51
            """;

        private readonly TimeSpan _duration = bench.Duration / 2;
        private string? _token;
        private long _before = long.MaxValue;

        /// <summary>To the first page, or through half of the history, as a client goes.</summary>
        public async Task GoTo(bool isDeep, CancellationToken cancellation)
        {
            (_token, _before) = (null, long.MaxValue);
            if (!isDeep)
                return;
            bench.Say($"paging through {length / 2:N0} runs");
            using var glue = new GlueClient(url, bench.Credentials, bench.Clock);
            while (_before > length / 2 + 1)
            {
                var left = _before == long.MaxValue ? length : _before - 1;
                var size = (int)Math.Min(GlueClient.LargestPage, left - (length / 2));
                _token = (string)(await glue.Runs(job, size, _token, cancellation))["NextToken"]!;
                _before = left - size + 1;
            }
        }

        /// <summary>Until then the node compiles what it does.</summary>
        public async Task WarmUp()
        {
            var request = Request();
            await driver.Closed(1, bench.WarmUp / 4, () => request);
        }

        /// <returns>Milliseconds, the median.</returns>
        public async Task<double> Read()
        {
            var request = Request();
            var outcome = await driver.Closed(1, _duration, () => request);
            return outcome.Tally.Answered == outcome.Tally.Accepted
                ? outcome.Tally.Latency(50)
                : throw new CannotMeasureException($"GetJobRuns was refused: {outcome.Tally.DescribeErrors()}.");
        }

        /// <summary>All values of all rows, by one connection, prepared.</summary>
        /// <returns>Milliseconds, the median.</returns>
        public async Task<double> Query(CancellationToken cancellation)
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            await using var query = new NpgsqlCommand(Keyset, connection);
            query.Parameters.Add(new NpgsqlParameter<string> { TypedValue = RunSeeds.Account });
            query.Parameters.Add(new NpgsqlParameter<string> { TypedValue = job });
            query.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _before });
            await query.PrepareAsync(cancellation);
            List<TimeSpan> times = [];
            var begunAt = bench.Clock.GetTimestamp();
            do
            {
                var readAt = bench.Clock.GetTimestamp();
                var rows = 0;
                await using (var row = await query.ExecuteReaderAsync(cancellation))
                {
                    var values = new object[row.FieldCount];
                    for (; await row.ReadAsync(cancellation); rows++)
                        row.GetValues(values);
                }

                times.Add(bench.Clock.GetElapsedTime(readAt));
                if (rows != PageSize + 1)
                    throw new CannotMeasureException($"The query found {rows} runs, not {PageSize + 1}.");
            } while (bench.Clock.GetElapsedTime(begunAt) < _duration);
            return Percentile.Of(times, 50);
        }

        private Request Request()
        {
            var body = new JsonObject { ["JobName"] = job, ["MaxResults"] = PageSize };
            if (_token is not null)
                body["NextToken"] = _token;
            var factory = new RequestFactory(url, bench.Credentials, bench.Clock);
            return factory.Make(Operation.GetJobRuns, body.ToJsonString());
        }
    }
}
