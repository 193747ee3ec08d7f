namespace GlueOrleans.Gateway.Protocol;

/// <summary>The ARN of a Glue resource: <c>arn:&lt;partition&gt;:glue:&lt;region&gt;:&lt;account&gt;:&lt;kind&gt;/&lt;name&gt;</c>
/// (glue-behaviour.md 1.4.6).</summary>
/// <param name="Text">The whole.</param>
/// <param name="Account">Empty when the caller did not know its own: Terraform without an account id leaves it so.</param>
/// <param name="Kind"><c>job</c>, <c>usageProfile</c> …</param>
/// <param name="Name">One that something can have; it may have colons and slashes of its own.</param>
internal sealed record GlueArn(string Text, string Account, string Kind, string Name)
{
    private const int Parts = 6;

    /// <remarks>Partition and region are not looked at: a request signed for any region is served here.</remarks>
    /// <param name="text">What satisfies the model's pattern: it begins as an ARN of Glue.</param>
    public static GlueArn? TryParse(string text)
    {
        var parts = text.Split(':', Parts);
        if (parts.Length < Parts)
            return null;
        var resource = parts[^1];
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && ResourceName.IsPossible(resource[(slash + 1)..])
            ? new GlueArn(text, parts[^2], resource[..slash], resource[(slash + 1)..])
            : null;
    }
}
