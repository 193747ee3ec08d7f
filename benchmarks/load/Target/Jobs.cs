using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Benchmarks.Load.Generator;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>The jobs that are started, each with a run that is asked for.</summary>
/// <remarks>
/// Their script does not exist. So a run goes its whole way through the control plane (accepted, STARTING, an executor,
/// FAILED: two commits and a report), and nothing of what is measured is the cost of the scripts' own processes.
/// </remarks>
internal sealed class Jobs
{
    private readonly List<(string Job, string Run)> _jobs = [];
    private readonly string _prefix = $"load-{Guid.NewGuid():N}-";

    public static async Task<Jobs> Create(Uri url, Credentials credentials, int count, TimeProvider clock)
    {
        var jobs = new Jobs();
        using var http = new HttpClient { BaseAddress = url };
        for (var i = 0; i < count; i++)
        {
            var name = $"{jobs._prefix}{i:D5}";
            await Call(
                "CreateJob",
                new JsonObject
                {
                    ["Name"] = name,
                    ["Role"] = "any",
                    ["Command"] = new JsonObject { ["Name"] = "pythonshell", ["ScriptLocation"] = "/nowhere/load.py" },
                    ["ExecutionProperty"] = new JsonObject { ["MaxConcurrentRuns"] = 1000 },
                }
            );
            jobs._jobs.Add(
                (name, (string)(await Call("StartJobRun", new JsonObject { ["JobName"] = name }))["JobRunId"]!)
            );
        }

        return jobs;

        async Task<JsonNode> Call(string operation, JsonObject request)
        {
            // The same bytes as those that are measured, so that a wrong signature is found here.
            var factory = new RequestFactory(url, credentials, clock);
            var body = request.ToJsonString();
            using var message = new HttpRequestMessage(HttpMethod.Post, "/");
            message.Content = new StringContent(body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(RequestFactory.ContentType);
            foreach (var (header, value) in factory.Headers($"AWSGlue.{operation}", body))
                message.Headers.TryAddWithoutValidation(header, value);
            using var response = await http.SendAsync(message);
            var answer = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? JsonNode.Parse(answer)!
                : throw new InvalidOperationException(
                    $"{operation} {body} was answered with {(int)response.StatusCode} {answer}"
                );
        }
    }

    /// <summary>Fresh ones: signatures grow old.</summary>
    public Mix Requests(RequestFactory factory, Random random) =>
        new(
            [.. _jobs.Select(job => factory.Make(Operation.StartJobRun, Json(("JobName", job.Job))))],
            [.. _jobs.Select(job => factory.Make(Operation.GetJobRun, Json(("JobName", job.Job), ("RunId", job.Run))))],
            random
        );

    private static string Json(params (string Name, string Value)[] members) =>
        JsonSerializer.Serialize(members.ToDictionary(m => m.Name, m => m.Value));
}
