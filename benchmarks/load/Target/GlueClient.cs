using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GlueOrleans.Benchmarks.Load.Generator;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>Calls a gateway once at a time and reads what it answers: for what comes before and after a load, or is rare.</summary>
/// <remarks>The same bytes as those that are measured, so that a wrong signature is found here.</remarks>
internal sealed class GlueClient(Uri url, Credentials credentials, TimeProvider clock) : IDisposable
{
    /// <summary>Runs on a page, at most.</summary>
    public const int LargestPage = 200;

    private const int Newest = 10;

    /// <summary>Between two questions while something is waited for.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new() { BaseAddress = url };
    private readonly RequestFactory _requests = new(url, credentials, clock);

    /// <exception cref="InvalidOperationException">The answer is an error.</exception>
    public async Task<JsonNode> Call(string operation, JsonObject request, CancellationToken cancellation)
    {
        var body = request.ToJsonString();
        using var message = new HttpRequestMessage(HttpMethod.Post, "/");
        message.Content = new StringContent(body);
        message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(RequestFactory.ContentType);
        foreach (var (header, value) in _requests.Headers($"AWSGlue.{operation}", body))
            message.Headers.TryAddWithoutValidation(header, value);
        using var response = await _http.SendAsync(message, cancellation);
        var answer = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(answer)!
            : throw new InvalidOperationException(
                $"{operation} {body} was answered with {(int)response.StatusCode} {answer}"
            );
    }

    /// <summary>What a node says at a path of its own.</summary>
    public async Task<JsonNode> Get(string path, CancellationToken cancellation) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative), cancellation))!;

    /// <summary>Of the kind that runs a Python script.</summary>
    /// <param name="name">Of the job.</param>
    /// <param name="cancellation">Of the call.</param>
    /// <param name="maxConcurrentRuns">Of its own.</param>
    /// <param name="mayQueue">Whether a run that finds no room waits for it, and is not refused.</param>
    /// <param name="script">Which; the default does not exist.</param>
    public Task CreateJob(
        string name,
        CancellationToken cancellation,
        int maxConcurrentRuns = 1_000_000,
        bool mayQueue = false,
        string script = "/nowhere/load.py"
    ) =>
        Call(
            "CreateJob",
            new JsonObject
            {
                ["Name"] = name,
                ["Role"] = "any",
                ["Command"] = new JsonObject { ["Name"] = "pythonshell", ["ScriptLocation"] = script },
                ["ExecutionProperty"] = new JsonObject { ["MaxConcurrentRuns"] = maxConcurrentRuns },
                ["JobRunQueuingEnabled"] = mayQueue,
            },
            cancellation
        );

    /// <returns>The run's id.</returns>
    public async Task<string> StartRun(
        string job,
        CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? arguments = null
    )
    {
        var request = new JsonObject { ["JobName"] = job };
        if (arguments is not null)
            request["Arguments"] = new JsonObject(
                arguments.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))
            );
        return (string)(await Call("StartJobRun", request, cancellation))["JobRunId"]!;
    }

    public async Task<string> StateOf(string job, string run, CancellationToken cancellation) =>
        (string)
            (await Call("GetJobRun", new JsonObject { ["JobName"] = job, ["RunId"] = run }, cancellation))["JobRun"]![
                "JobRunState"
            ]!;

    /// <exception cref="TimeoutException">The run is not in this state.</exception>
    public async Task WaitFor(string job, string run, string state, TimeSpan patience, CancellationToken cancellation)
    {
        var begunAt = clock.GetTimestamp();
        string last;
        while ((last = await StateOf(job, run, cancellation)) != state)
        {
            if (clock.GetElapsedTime(begunAt) > patience)
                throw new TimeoutException(
                    $"Run {run} of {job} is {last}, not {state}, after {patience.TotalSeconds} s."
                );
            await Task.Delay(Look, clock, cancellation);
        }
    }

    /// <summary>Returns when the job has so many runs, all of them in this state.</summary>
    /// <remarks>Looks at the newest, which are the last to begin, and at all only when those are.</remarks>
    /// <exception cref="TimeoutException">They are not.</exception>
    public async Task WaitForAll(string job, string state, int count, TimeSpan patience, CancellationToken cancellation)
    {
        var begunAt = clock.GetTimestamp();
        while (!await Are(Newest) || !await Are(LargestPage))
        {
            if (clock.GetElapsedTime(begunAt) > patience)
            {
                throw new TimeoutException(
                    $"After {patience.TotalSeconds} s {job} has not {count} runs that all are {state}."
                );
            }

            await Task.Delay(Look, clock, cancellation);
        }

        async Task<bool> Are(int pageSize)
        {
            var (seen, page) = (0, (string?)null);
            do
            {
                var runs = await Runs(job, pageSize, page, cancellation);
                if (!runs["JobRuns"]!.AsArray().All(run => (string)run!["JobRunState"]! == state))
                    return false;
                seen += runs["JobRuns"]!.AsArray().Count;
                page = (string?)runs["NextToken"];
            } while (page is not null && pageSize == LargestPage);
            return pageSize == Newest || seen == count;
        }
    }

    /// <summary>A page of a job's history, the newest first: the answer as it is.</summary>
    /// <param name="job">Whose.</param>
    /// <param name="pageSize">1 to <see cref="LargestPage"/>.</param>
    /// <param name="nextToken">Of the page before; <c>null</c>: the first.</param>
    /// <param name="cancellation">Of the call.</param>
    public Task<JsonNode> Runs(string job, int pageSize, string? nextToken, CancellationToken cancellation)
    {
        var request = new JsonObject { ["JobName"] = job, ["MaxResults"] = pageSize };
        if (nextToken is not null)
            request["NextToken"] = nextToken;
        return Call("GetJobRuns", request, cancellation);
    }

    public void Dispose() => _http.Dispose();
}
