using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>The ids that IAM gives users and roles, here made from their ARNs.</summary>
internal static class IamId
{
    private const int Length = 17;

    /// <param name="prefix">Says of what: <c>AROA</c> a role, <c>AIDA</c> a user.</param>
    /// <param name="arn">Whose id it is.</param>
    public static string Of(string prefix, string arn) =>
        prefix + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(arn)))[..Length];
}
