using System.Globalization;
using GlueOrleans.GrainInterfaces.Profiles;

namespace GlueOrleans.Grains.Profiles;

/// <summary>What one entry of a usage profile's configuration allows, and which configurations make sense.</summary>
/// <remarks>
/// Glue's model has strings throughout and says nothing on keys (glue-behaviour.md 7.2). Keys that mean nothing here are
/// kept, shown and without effect, because Glue may know more of them.
/// </remarks>
public static class ProfileConfigurationRules
{
    public const string NumberOfWorkers = "numberOfWorkers";
    public const string WorkerType = "workerType";

    /// <summary>Minutes.</summary>
    public const string Timeout = "timeout";

    /// <summary>DPUs. Ours: a bound for jobs that are not sized by workers.</summary>
    public const string MaxCapacity = "maxCapacity";

    /// <summary>Minutes, of a session.</summary>
    private const string IdleTimeout = "idleTimeout";

    /// <summary>Why a profile cannot have this configuration, as the sentence of the refusal; <c>null</c> when it
    /// can.</summary>
    public static string? Problem(ProfileConfiguration configuration) =>
        Problem(nameof(configuration.JobConfiguration), configuration.JobConfiguration)
        ?? Problem(nameof(configuration.SessionConfiguration), configuration.SessionConfiguration);

    /// <summary>Whether a value is one of the allowed ones and in range. Numbers are compared as numbers.</summary>
    public static bool Allows(ConfigurationObject limits, string value)
    {
        if (limits.AllowedValues is { Count: > 0 } allowed && !allowed.Any(one => AreSame(one, value)))
            return false;
        if (limits.MinValue is null && limits.MaxValue is null)
            return true;
        return Number(value) is { } number
            && !(number < Number(limits.MinValue))
            && !(number > Number(limits.MaxValue));
    }

    /// <summary>What is allowed, in words: <c>one of G.1X, G.2X</c>, <c>from 2 to 10</c>.</summary>
    public static string Describe(ConfigurationObject limits)
    {
        List<string> words = [];
        if (limits.AllowedValues is { Count: > 0 } allowed)
            words.Add($"one of {string.Join(", ", allowed)}");
        var range = (limits.MinValue, limits.MaxValue) switch
        {
            ({ } min, { } max) => $"from {min} to {max}",
            ({ } min, null) => $"at least {min}",
            (null, { } max) => $"at most {max}",
            _ => null,
        };
        if (range is not null)
            words.Add(range);
        return words.Count > 0 ? string.Join(", ", words) : "anything";
    }

    private static string? Problem(string member, IReadOnlyDictionary<string, ConfigurationObject>? settings)
    {
        foreach (var (key, limits) in settings ?? new Dictionary<string, ConfigurationObject>())
        {
            if (Problem(key, limits) is { } problem)
                return $"{member}: {problem}";
        }

        return null;
    }

    private static string? Problem(string key, ConfigurationObject limits)
    {
        if (key == WorkerType && (limits.MinValue ?? limits.MaxValue) is not null)
            return $"{key} is not a number, so MinValue and MaxValue mean nothing: use AllowedValues.";
        if (NumberProblem(key, limits) is { } problem)
            return problem;
        if (Number(limits.MinValue) > Number(limits.MaxValue))
            return $"{key} has MinValue {limits.MinValue} above MaxValue {limits.MaxValue}: no value would be allowed.";
        return limits.DefaultValue is { } value && !Allows(limits, value)
            ? $"{key} has the DefaultValue {value}, but allows {Describe(limits)}."
            : null;
    }

    /// <summary>A bound makes any key a number; some are one without. Whole ones begin at 1, as what they stand for.</summary>
    private static string? NumberProblem(string key, ConfigurationObject limits)
    {
        var isWhole = key is NumberOfWorkers or Timeout or IdleTimeout;
        if (!isWhole && key != MaxCapacity && limits.MinValue is null && limits.MaxValue is null)
            return null;
        string?[] values = [limits.DefaultValue, limits.MinValue, limits.MaxValue, .. limits.AllowedValues ?? []];
        var wrong = Array.Find(
            values,
            value => value is not null && !(isWhole ? IsCount(value) : Number(value) is not null)
        );
        return wrong is null
            ? null
            : $"{key} has the value '{wrong}': give {(isWhole ? "a whole number, at least 1" : "a number")}.";
    }

    private static bool IsCount(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1;

    private static bool AreSame(string a, string b) =>
        Number(a) is { } number ? number == Number(b) : string.Equals(a, b, StringComparison.Ordinal);

    private static decimal? Number(string? value) =>
        decimal.TryParse(
            value,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;
}
