using GlueOrleans.Gateway.Neighbours;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>What an access key has to be like, wherever it is written down.</summary>
internal static class CredentialRules
{
    private const int ShortestId = 16;
    private const int LongestId = 128;
    private const int ShortestSecret = 16;
    private const int LongestSecret = 1024;
    private const int LongestUser = 64;
    private const int LongestPattern = 255;

    /// <summary>Everything that a key can be used for.</summary>
    public static IReadOnlyList<string> Operations { get; } =
    [
        .. ShapeTable.Glue.Operations.Keys.Order(StringComparer.Ordinal),
        nameof(FilterLogEvents),
        nameof(GetLogEvents),
        nameof(GetCallerIdentity),
        nameof(GetRole),
    ];

    /// <summary>The key that an entry describes.</summary>
    /// <param name="entry">As it is written.</param>
    /// <param name="where">For the message: <c>Auth:Credentials:0</c>.</param>
    /// <exception cref="CredentialException">It breaks a rule.</exception>
    public static AccessKey Key(CredentialEntry entry, string where)
    {
        if (Fault(entry) is { } fault)
            throw new CredentialException($"{where}: {fault}");
        return new AccessKey(
            entry.AccessKeyId!,
            entry.SecretAccessKey!,
            entry.Account!,
            entry.User ?? entry.AccessKeyId!,
            new Permissions(entry.Operations?.AsReadOnly(), entry.Jobs?.AsReadOnly(), entry.ReadOnly),
            entry.Operator
        );
    }

    /// <summary>The first rule that is broken. Values are shown, except of the secret.</summary>
    public static string? Fault(CredentialEntry entry)
    {
        if (
            entry.AccessKeyId is not { Length: >= ShortestId and <= LongestId } id
            || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        )
        {
            return $"accessKeyId is '{EchoedValue.Of(entry.AccessKeyId ?? "")}': give {ShortestId} to {LongestId} letters, "
                + "digits and underscores.";
        }

        if (entry.SecretAccessKey is not { Length: >= ShortestSecret and <= LongestSecret } secret)
        {
            return $"the secretAccessKey of {id} has {entry.SecretAccessKey?.Length ?? 0} characters: "
                + $"give {ShortestSecret} to {LongestSecret}.";
        }

        if (secret.Any(c => c is <= ' ' or > '~'))
            return $"the secretAccessKey of {id} has blanks, or characters that are not ASCII: give one without.";
        if (!Caller.IsAccount(entry.Account))
        {
            return $"the account of {id} is '{EchoedValue.Of(entry.Account ?? "")}': give an AWS account id, which is "
                + "twelve digits.";
        }

        if (
            entry.User is { } user
            && (
                user.Length is 0 or > LongestUser
                || !user.All(c => char.IsAsciiLetterOrDigit(c) || "_+=,.@-".Contains(c, StringComparison.Ordinal))
            )
        )
        {
            return $"the user of {id} is '{EchoedValue.Of(user)}': give 1 to {LongestUser} letters, digits and _+=,.@-.";
        }

        return FaultOfPatterns(entry, id);
    }

    /// <remarks>A pattern that can never match would be a permission that its writer believes to have given.</remarks>
    private static string? FaultOfPatterns(CredentialEntry entry, string id)
    {
        foreach (var pattern in entry.Operations ?? [])
        {
            if (!Operations.Any(name => Pattern.Matches(pattern ?? "", name)))
            {
                return $"the operation '{EchoedValue.Of(pattern ?? "")}' of {id} is none of this server: give names such as "
                    + "StartJobRun, or patterns such as Get*.";
            }
        }

        foreach (var pattern in entry.Jobs ?? [])
        {
            if (pattern is not { Length: > 0 and <= LongestPattern })
            {
                return $"a job pattern of {id} has {pattern?.Length ?? 0} characters: give 1 to {LongestPattern}, "
                    + "for example sales-*.";
            }
        }

        return null;
    }
}
