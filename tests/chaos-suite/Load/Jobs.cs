using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GlueOrleans.Tests.ChaosSuite.Checker;

namespace GlueOrleans.Tests.ChaosSuite.Load;

/// <summary>A job, and how its clients use it.</summary>
/// <param name="Rule">What it allows.</param>
/// <param name="IsQueuing">Runs over its limit wait.</param>
/// <param name="Clients">How many callers start runs of it.</param>
/// <param name="Backlog">They pause while so many of its runs have not ended.</param>
internal sealed record ChaosJob(JobRule Rule, bool IsQueuing, int Clients, int Backlog)
{
    public string Name => Rule.Name;

    /// <summary>Minutes; <c>null</c>: no run of it ever takes so long.</summary>
    public int? Timeout { get; init; }

    /// <summary>A client stops each run, some time after it has started it.</summary>
    public bool IsStopped { get; init; }

    /// <summary>What a run is told to do.</summary>
    public required Func<Random, JsonObject> Arguments { get; init; }

    /// <summary>As CreateJob takes it.</summary>
    public JsonObject Definition(string script)
    {
        var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Rule.HasBookmark)
            arguments["--job-bookmark-option"] = "job-bookmark-enable";
        var job = new
        {
            Name,
            Role = "any",
            Command = new { Name = "pythonshell", ScriptLocation = script },
            ExecutionProperty = new { Rule.MaxConcurrentRuns },
            Rule.MaxRetries,
            JobRunQueuingEnabled = IsQueuing,
            DefaultArguments = arguments,
            Timeout,
        };
        return JsonSerializer.SerializeToNode(job, WithoutNulls)!.AsObject();
    }

    private static readonly JsonSerializerOptions WithoutNulls = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}

/// <summary>The jobs of a pass: together they use every way in which runs wait, are refused, fail, and end.</summary>
internal static class Jobs
{
    /// <summary>Lives on, and is asked for, and has no runs: what is measured by.</summary>
    public const int Probes = 18;

    public static string Probe(int number) => $"probe-{number:00}";

    public static readonly IReadOnlyList<ChaosJob> All =
    [
        new(new JobRule("queue-of-one", 1), IsQueuing: true, Clients: 1, Backlog: 5)
        {
            Arguments = r => Beats(r, 1, 5),
        },
        new(new JobRule("queue-of-three", 3), IsQueuing: true, Clients: 2, Backlog: 8)
        {
            Arguments = r => Beats(r, 2, 12),
        },
        new(new JobRule("queue-of-five", 5), IsQueuing: true, Clients: 2, Backlog: 12)
        {
            Arguments = r => Beats(r, 5, 40),
        },
        new(new JobRule("refusing", 2), IsQueuing: false, Clients: 2, Backlog: 20) { Arguments = r => Beats(r, 2, 20) },
        new(new JobRule("retried", 3, MaxRetries: 2), IsQueuing: false, Clients: 1, Backlog: 4)
        {
            Arguments = r => With(Beats(r, 1, 6), "--fails", r.Next(0, 4)),
        },
        new(new JobRule("bookmarked", 1) { HasBookmark = true }, IsQueuing: true, Clients: 1, Backlog: 3)
        {
            Arguments = r => Beats(r, 1, 4),
        },
        new(new JobRule("stopped", 2), IsQueuing: true, Clients: 1, Backlog: 4)
        {
            IsStopped = true,
            Arguments = r => With(Beats(r, 50, 100), "--stubborn", r.Next(2) == 0 ? "yes" : "no"),
        },
        new(new JobRule("timed-out", 1, HasTimeout: true), IsQueuing: false, Clients: 1, Backlog: 1)
        {
            Timeout = 1,
            Arguments = r => Beats(r, 600, 600),
        },
    ];

    private static JsonObject Beats(Random random, int from, int to) => With([], "--beats", random.Next(from, to + 1));

    private static JsonObject With(JsonObject arguments, string name, object value)
    {
        arguments[name] = FormattableString.Invariant($"{value}");
        return arguments;
    }
}
