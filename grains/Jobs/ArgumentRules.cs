using System.Text;

namespace GlueOrleans.Grains.Jobs;

/// <summary>Which arguments a script can be given.</summary>
/// <remarks>
/// Names are taken as they come. Glue asks not to set those that it reserves (<c>--JOB_NAME</c>, <c>--debug</c>,
/// <c>--mode</c>, <c>--endpoint</c>) and to begin each with <c>--</c>, but is not known to refuse any; what the executor tells
/// a script of its job wins over what was sent. Source: glue-behaviour.md 1.3.8, 6.1.5, 6.1.6.
/// </remarks>
public static class ArgumentRules
{
    /// <summary>Bytes in UTF-8 of all names and values together.</summary>
    /// <remarks>Glue documents "260 KB" and neither which kind of KB nor what is counted: the larger kind and the least count
    /// are taken, so that nothing is refused here that Glue takes.</remarks>
    public const int MostBytes = 260 * 1024;

    /// <summary>Why these arguments cannot be a process's, as the sentence of the refusal; <c>null</c> when they can.</summary>
    /// <remarks>Glue's model allows any text; an operating system ends an argument at its first NUL character.</remarks>
    /// <param name="what">Which arguments these are, as the subject of the sentence.</param>
    /// <param name="arguments">Values by name.</param>
    public static string? Problem(string what, IReadOnlyDictionary<string, string>? arguments)
    {
        var bytes = 0L;
        foreach (var (name, value) in arguments ?? new Dictionary<string, string>())
        {
            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
            if (name.Contains('\0') || value.Contains('\0'))
            {
                return $"{what} '{name.Replace("\0", "\\0")}' contains a NUL character, which no process can be given: "
                    + "encode the value, with base64 for example.";
            }
        }

        return bytes > MostBytes
            ? $"{what} are {bytes} bytes long, and {MostBytes} (260 KB) is the most: "
                + "put what is long into a file, and give the script its location."
            : null;
    }
}
