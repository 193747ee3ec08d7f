namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>Names one job: the account it belongs to and its name in that account.</summary>
/// <remarks>
/// The grain key is <c>account/name</c>. An account is twelve digits, so the first slash always ends it, whatever the
/// name contains.
/// </remarks>
[GenerateSerializer, Alias("JobKey"), Immutable]
public readonly record struct JobKey([property: Id(0)] string Account, [property: Id(1)] string Name)
{
    public override string ToString() => $"{Account}/{Name}";

    public static JobKey Parse(string grainKey)
    {
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            ? new JobKey(grainKey[..slash], grainKey[(slash + 1)..])
            : throw new FormatException($"'{grainKey}' is not the key of a job: expected account/name.");
    }
}
