namespace GlueOrleans.Gateway.Security;

/// <summary>What a request is about, as far as permissions go.</summary>
internal readonly record struct Resource
{
    private const string JobPrefix = "job/";

    private Resource(ResourceKind kind, string path) => (Kind, Path) = (kind, path);

    private enum ResourceKind
    {
        /// <summary>What the account's jobs share.</summary>
        Shared,

        /// <summary>One job, its runs, bookmarks, tags and logs.</summary>
        Job,

        /// <summary>Whatever jobs there are.</summary>
        AllJobs,
    }

    /// <summary>All jobs of the account at once: a listing, which shows what it finds.</summary>
    public static Resource AllJobs { get; } = new(ResourceKind.AllJobs, "job/*");

    /// <summary>What has no ARN of its own that one could be given permission for.</summary>
    public static Resource Account { get; } = new(ResourceKind.Shared, "");

    private ResourceKind Kind { get; }

    /// <summary>As in an ARN.</summary>
    private string Path { get; }

    /// <param name="name">Of the job; it need not exist.</param>
    public static Resource Job(string name) => new(ResourceKind.Job, JobPrefix + name);

    public static Resource UsageProfile(string name) => new(ResourceKind.Shared, $"usageProfile/{name}");

    /// <summary>Whether job-name patterns let a request have it.</summary>
    /// <param name="jobs">The patterns.</param>
    /// <param name="isRead">The request changes nothing.</param>
    public bool IsIn(IReadOnlyList<string> jobs, bool isRead)
    {
        var name = Kind == ResourceKind.Job ? Path[JobPrefix.Length..] : "";
        return Kind switch
        {
            ResourceKind.Job => jobs.Any(pattern => Pattern.Matches(pattern, name)),
            ResourceKind.AllJobs => jobs.Any(Pattern.IsAll),
            // A change of what all jobs share would be one of jobs that do not match.
            _ => isRead || jobs.Any(Pattern.IsAll),
        };
    }

    public string Arn(string region, string account) =>
        string.IsNullOrEmpty(Path) ? "*" : $"arn:aws:glue:{region}:{account}:{Path}";
}
