namespace GlueOrleans.GrainInterfaces.SecurityConfigurations;

/// <summary>How Glue is to encrypt what a job writes. Kept and shown under Glue's names, and never changed; nothing is
/// encrypted by it here.</summary>
[GenerateSerializer, Alias("SecurityConfiguration"), Immutable]
public sealed record SecurityConfiguration
{
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Spelt so in Glue's model, where CreateSecurityConfiguration answers with a <c>CreatedTimestamp</c>.</summary>
    [Id(1)]
    public required DateTimeOffset CreatedTimeStamp { get; init; }

    [Id(2)]
    public required EncryptionConfiguration EncryptionConfiguration { get; init; }
}

[GenerateSerializer, Alias("EncryptionConfiguration"), Immutable]
public sealed record EncryptionConfiguration
{
    [Id(0)]
    public IReadOnlyList<S3Encryption>? S3Encryption { get; init; }

    [Id(1)]
    public CloudWatchEncryption? CloudWatchEncryption { get; init; }

    [Id(2)]
    public JobBookmarksEncryption? JobBookmarksEncryption { get; init; }

    [Id(3)]
    public DataQualityEncryption? DataQualityEncryption { get; init; }
}

[GenerateSerializer, Alias("S3Encryption"), Immutable]
public sealed record S3Encryption
{
    /// <summary><c>DISABLED</c>, <c>SSE-KMS</c> or <c>SSE-S3</c>.</summary>
    [Id(0)]
    public string? S3EncryptionMode { get; init; }

    [Id(1)]
    public string? KmsKeyArn { get; init; }
}

[GenerateSerializer, Alias("CloudWatchEncryption"), Immutable]
public sealed record CloudWatchEncryption
{
    /// <summary><c>DISABLED</c> or <c>SSE-KMS</c>.</summary>
    [Id(0)]
    public string? CloudWatchEncryptionMode { get; init; }

    [Id(1)]
    public string? KmsKeyArn { get; init; }
}

[GenerateSerializer, Alias("JobBookmarksEncryption"), Immutable]
public sealed record JobBookmarksEncryption
{
    /// <summary><c>DISABLED</c> or <c>CSE-KMS</c>.</summary>
    [Id(0)]
    public string? JobBookmarksEncryptionMode { get; init; }

    [Id(1)]
    public string? KmsKeyArn { get; init; }
}

[GenerateSerializer, Alias("DataQualityEncryption"), Immutable]
public sealed record DataQualityEncryption
{
    /// <summary><c>DISABLED</c> or <c>SSE-KMS</c>.</summary>
    [Id(0)]
    public string? DataQualityEncryptionMode { get; init; }

    [Id(1)]
    public string? KmsKeyArn { get; init; }
}
