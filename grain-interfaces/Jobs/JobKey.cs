namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>Names one job: the account it belongs to and its name in that account.</summary>
[GenerateSerializer, Alias("JobKey"), Immutable]
public readonly record struct JobKey([property: Id(0)] string Account, [property: Id(1)] string Name)
{
    /// <summary>
    /// The key of the job's grain: <c>account/name</c>. An account is twelve digits, so the first slash always ends it,
    /// whatever the name contains.
    /// </summary>
    /// <remarks>Braces are escaped, percent-wise: Orleans' AdoNet storage runs keys through <c>string.Format</c> when it
    /// logs them, and a write fails over that after it was committed (10.4.2).</remarks>
    public string GrainKey => $"{Account}/{Name.Replace("%", "%25").Replace("{", "%7B").Replace("}", "%7D")}";

    /// <summary>For people; see <see cref="GrainKey"/>.</summary>
    public override string ToString() => $"{Account}/{Name}";

    public static JobKey Parse(string grainKey)
    {
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            ? new JobKey(
                grainKey[..slash],
                grainKey[(slash + 1)..].Replace("%7D", "}").Replace("%7B", "{").Replace("%25", "%")
            )
            : throw new FormatException($"'{grainKey}' is not the key of a job: expected account/name.");
    }
}
