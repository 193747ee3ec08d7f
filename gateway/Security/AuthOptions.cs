namespace GlueOrleans.Gateway.Security;

/// <summary>Who may call. Configuration section <c>Auth</c>. Without any credentials nobody is asked for them, and the node
/// can be reached from its own machine only.</summary>
public sealed class AuthOptions
{
    /// <summary>A file of access keys, made by <c>glue-orleans credentials add</c>. Default: <c>credentials.json</c> in the
    /// data folder, if it is there when the node starts.</summary>
    /// <remarks>Only its owner may read it. A change takes effect within a second; a node that was started without any
    /// credentials has to be started again.</remarks>
    public string? CredentialsFile { get; set; }

    /// <summary>Access keys in the configuration itself, so that they can come from the environment. Default none.</summary>
    public IList<CredentialOptions> Credentials { get; init; } = [];
}

/// <summary>An access key in the configuration.</summary>
public sealed class CredentialOptions : CredentialEntry
{
    /// <summary>A file with the secret access key in it, in place of the secret itself. Read at the start.</summary>
    public string? SecretFile { get; set; }
}

/// <summary>An access key as it is written down. No record: its <c>ToString</c> would print the secret.</summary>
public class CredentialEntry
{
    /// <summary>16 to 128 letters, digits and underscores, as AWS has it.</summary>
    public string? AccessKeyId { get; set; }

    /// <summary>At least 16 characters.</summary>
    public string? SecretAccessKey { get; set; }

    /// <summary>Twelve digits.</summary>
    public string? Account { get; set; }

    /// <summary>Of the account, for messages and GetCallerIdentity. Default: the access key id.</summary>
    public string? User { get; set; }

    /// <summary>What it may be used for: <c>Get*</c>, <c>StartJobRun</c>. Default: everything.</summary>
    public IList<string>? Operations { get; set; }

    /// <summary>The jobs it may be used for: <c>sales-*</c>. Default: all. With some, nothing that all jobs of the account
    /// share may be changed, and jobs not be listed.</summary>
    public IList<string>? Jobs { get; set; }

    /// <summary>It changes nothing. Default <c>false</c>.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>It opens the dashboard and the metrics, which show all accounts. Default <c>false</c>.</summary>
    public bool Operator { get; set; }
}
