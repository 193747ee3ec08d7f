namespace GlueOrleans.Gateway.Security;

/// <summary>What an access key may be used for.</summary>
/// <param name="operations">Patterns of operations' names: <c>Get*</c>. <c>null</c>: all.</param>
/// <param name="jobs">Patterns of job names: <c>sales-*</c>. <c>null</c>: all.</param>
/// <param name="readOnly">Nothing may be changed.</param>
internal sealed class Permissions(
    IReadOnlyList<string>? operations = null,
    IReadOnlyList<string>? jobs = null,
    bool readOnly = false
)
{
    /// <summary>What reads and changes nothing. A test holds them against the operations there are.</summary>
    private static readonly string[] Reads = ["Get*", "List*", "BatchGet*", "FilterLogEvents"];

    /// <summary>Needs no permission, as in AWS: it only says what its caller can show anyway.</summary>
    private const string AlwaysAllowed = "GetCallerIdentity";

    public static Permissions All { get; } = new();

    /// <summary>Whether there are jobs that the key must not be used for.</summary>
    public bool AreLimitedToJobs { get; } = jobs is not null && !jobs.Any(Pattern.IsAll);

    public static bool IsRead(string operation) => Reads.Any(pattern => Pattern.Matches(pattern, operation));

    public bool Allow(string operation) =>
        operation == AlwaysAllowed
        || (
            (!readOnly || IsRead(operation))
            && (operations is null || operations.Any(pattern => Pattern.Matches(pattern, operation)))
        );

    /// <summary>Whether an operation that is allowed may be done with this.</summary>
    public bool Allow(string operation, Resource resource) => jobs is null || resource.IsIn(jobs, IsRead(operation));

    /// <param name="name">Of a job, whatever is done with it.</param>
    public bool AllowJob(string name) => jobs is null || jobs.Any(pattern => Pattern.Matches(pattern, name));

    /// <summary>In the words of the credentials file, for people.</summary>
    public override string ToString() =>
        $"{(readOnly ? "read only, " : "")}operations {Words(operations)}, jobs {Words(jobs)}";

    private static string Words(IReadOnlyList<string>? patterns) =>
        patterns is null ? "all" : string.Join(' ', patterns);
}
