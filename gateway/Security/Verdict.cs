using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>Who made a request, or why that is not believed. One of the two is there.</summary>
internal readonly record struct Verdict(AccessKey? Key, AwsError? Error)
{
    public static implicit operator Verdict(AccessKey key) => new(key, null);

    public static implicit operator Verdict(AwsError error) => new(null, error);
}
