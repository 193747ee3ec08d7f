namespace GlueOrleans.Grains.Jobs;

/// <summary>Which arguments a script can be given.</summary>
public static class ArgumentRules
{
    /// <summary>Why these arguments cannot be a process's, as the sentence of the refusal; <c>null</c> when they can.</summary>
    /// <remarks>Glue's model allows any text; an operating system ends an argument at its first NUL character.</remarks>
    public static string? Problem(string member, IReadOnlyDictionary<string, string>? arguments)
    {
        foreach (var (name, value) in arguments ?? new Dictionary<string, string>())
        {
            if (name.Contains('\0') || value.Contains('\0'))
            {
                return $"{member} '{name.Replace("\0", "\\0")}' contains a NUL character, which no process can be given: "
                    + "encode the value, with base64 for example.";
            }
        }

        return null;
    }
}
