using System.Security.Cryptography;

namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>Run ids: <c>jr_</c> and 64 lower-case hexadecimal digits, as Glue makes them.</summary>
public static class RunId
{
    public static string New() => "jr_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
