using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace GlueOrleans.Executors;

/// <summary>An object in S3, as a script's location names it: <c>s3://bucket/key</c>.</summary>
/// <remarks>
/// A bucket's name may become part of a host's name, and a key part of a path. So both are held to what S3 allows
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html), and a key to what no client rewrites:
/// requests go where the operator has said (S3:ServiceUrl), to no other host and to no other bucket.
/// </remarks>
internal sealed partial record S3Location(string Bucket, string Key)
{
    private const int LongestKey = 1024;

    /// <summary>Returns <c>null</c> and the location, or a sentence that says what is wrong with it.</summary>
    public static string? Parse(string location, out S3Location parsed)
    {
        var path = location[(location.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        parsed = new S3Location("", "");
        if (slash <= 0 || slash == path.Length - 1)
            return $"Script {location} is not the address of an object. Use s3://bucket/key.";
        parsed = new S3Location(path[..slash], path[(slash + 1)..]);
        if (!IsBucket(parsed.Bucket))
        {
            return $"Script {location} is not the address of an object: '{parsed.Bucket}' cannot be the name of a bucket. "
                + "Those have 3 to 63 lower-case letters, digits, dots and hyphens.";
        }

        return IsKey(parsed.Key)
            ? null
            : $"Script {location} is not the address of an object: a key has at most {LongestKey} bytes, "
                + "and here no part that is '.' or '..'.";
    }

    private static bool IsBucket(string name) =>
        BucketName().IsMatch(name)
        && !name.Contains("..", StringComparison.Ordinal)
        && !IPAddress.TryParse(name, out _)
        && !ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        && !ReservedSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal));

    private static bool IsKey(string key) =>
        Encoding.UTF8.GetByteCount(key) <= LongestKey
        && !key.Any(char.IsControl)
        && !key.Split('/', '\\').Any(part => part is "." or "..");

    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];

    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
