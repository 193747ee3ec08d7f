namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>Lists the jobs of an account. Stateless; the key is the account.</summary>
[Alias("IJobCatalogGrain")]
public interface IJobCatalogGrain : IGrainWithStringKey
{
    /// <summary>Up to <paramref name="limit"/> names in ordinal order, after <paramref name="after"/>.</summary>
    [Alias("ListNames")]
    Task<IReadOnlyList<string>> ListNames(string? after, int limit);

    /// <summary>The definitions of these jobs, in the order of the names; <c>null</c> for a job that does not exist.</summary>
    [Alias("FindAll")]
    Task<IReadOnlyList<JobDefinition?>> FindAll(IReadOnlyList<string> names);
}
