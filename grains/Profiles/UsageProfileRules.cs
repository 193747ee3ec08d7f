using System.Globalization;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;

namespace GlueOrleans.Grains.Profiles;

/// <summary>
/// What a usage profile makes of a CreateJob or a StartJobRun: before Glue's own defaults it fills in its own; the values
/// that result have to be allowed by it.
/// </summary>
/// <remarks>No profile (<c>null</c>) changes nothing and allows everything. Source: glue-behaviour.md 7.2.</remarks>
public static class UsageProfileRules
{
    /// <summary>Which profile applies to a request; <c>null</c> = none.</summary>
    /// <param name="named">What the request itself names, if anything.</param>
    /// <param name="defaults">The site's own defaults.</param>
    /// <remarks>The one place that decides this. In AWS it is a tag of the principal that sends the request.</remarks>
    public static string? NameFor(string? named, GlueDefaults defaults) =>
        named ?? (string.IsNullOrEmpty(defaults.UsageProfile) ? null : defaults.UsageProfile);

    /// <summary>The refusal's sentence when the profile that applies does not exist.</summary>
    public static string Missing(string profile, bool isNamed) =>
        isNamed
            ? $"Usage profile '{profile}' does not exist: create it with CreateUsageProfile, or name another."
            : $"Usage profile '{profile}', which the setting Glue:UsageProfile applies to requests that name none, does not "
                + "exist: create it with CreateUsageProfile, or change the setting.";

    /// <summary>A new job's settings, with the profile's defaults for what was left out.</summary>
    public static JobSettings Fill(UsageProfile? profile, JobSettings sent)
    {
        if (profile is null)
            return sent;
        var asked = new Capacity(sent.AllocatedCapacity, sent.MaxCapacity, sent.WorkerType, sent.NumberOfWorkers);
        var size = FillSize(profile, sent.Command?.Name, asked);
        return sent with
        {
            Timeout = sent.Timeout ?? DefaultCount(profile, ProfileConfigurationRules.Timeout),
            MaxCapacity = size.MaxCapacity,
            WorkerType = size.WorkerType,
            NumberOfWorkers = size.NumberOfWorkers,
        };
    }

    /// <summary>A run's request, with the profile's defaults for what neither it nor the job says.</summary>
    public static StartRun Fill(UsageProfile? profile, JobDefinition job, StartRun request)
    {
        if (profile is null)
            return request;
        var jobTimeout = job.TimeoutIsDefault ? null : job.Settings.Timeout;
        var asked = new Capacity(
            request.AllocatedCapacity,
            request.MaxCapacity,
            request.WorkerType,
            request.NumberOfWorkers
        );
        var size = asked.IsUnset && !job.SizeIsDefault ? asked : FillSize(profile, job.Settings.Command?.Name, asked);
        return request with
        {
            ProfileName = profile.Name,
            Timeout =
                request.Timeout
                ?? (jobTimeout is null ? DefaultCount(profile, ProfileConfigurationRules.Timeout) : null),
            MaxCapacity = size.MaxCapacity,
            WorkerType = size.WorkerType,
            NumberOfWorkers = size.NumberOfWorkers,
        };
    }

    /// <summary>Why the profile does not allow a job with these settings, all defaults in place; <c>null</c> when it
    /// does.</summary>
    public static string? Problem(UsageProfile? profile, JobSettings complete) =>
        Problem(profile, complete.Timeout, complete.WorkerType, complete.NumberOfWorkers, complete.MaxCapacity);

    /// <summary>Why the profile does not allow a run with these settings; <c>null</c> when it does.</summary>
    public static string? Problem(UsageProfile? profile, RunSettings resolved) =>
        Problem(profile, resolved.Timeout, resolved.WorkerType, resolved.NumberOfWorkers, resolved.MaxCapacity);

    private static string? Problem(
        UsageProfile? profile,
        int? timeout,
        string? workerType,
        int? numberOfWorkers,
        double? maxCapacity
    )
    {
        if (profile?.Configuration.JobConfiguration is not { Count: > 0 } settings)
            return null;

        // No timeout is the longest of all. A job without workers has no number of them that could be wrong.
        if (
            timeout is null
            && settings.TryGetValue(ProfileConfigurationRules.Timeout, out var limits)
            && (limits.MaxValue is not null || limits.AllowedValues is { Count: > 0 })
        )
        {
            return $"{ProfileConfigurationRules.Timeout} is not set, which is no limit: usage profile '{profile.Name}' "
                + $"allows {ProfileConfigurationRules.Describe(limits)}. Set Timeout.";
        }

        (string Key, string? Value)[] values =
        [
            (ProfileConfigurationRules.Timeout, timeout?.ToString(CultureInfo.InvariantCulture)),
            (ProfileConfigurationRules.WorkerType, workerType),
            (ProfileConfigurationRules.NumberOfWorkers, numberOfWorkers?.ToString(CultureInfo.InvariantCulture)),
            (ProfileConfigurationRules.MaxCapacity, maxCapacity?.ToString(CultureInfo.InvariantCulture)),
        ];
        foreach (var (key, value) in values)
        {
            if (
                value is not null
                && settings.TryGetValue(key, out var allowed)
                && !ProfileConfigurationRules.Allows(allowed, value)
            )
            {
                return $"{key} is {value}: usage profile '{profile.Name}' allows "
                    + $"{ProfileConfigurationRules.Describe(allowed)}.";
            }
        }

        return null;
    }

    /// <summary>Workers if type and number are then both known, as one alone is refused; else DPUs. A python shell keeps its
    /// own sizes, of which there are two.</summary>
    private static Capacity FillSize(UsageProfile profile, string? command, Capacity asked)
    {
        if (command == JobCommands.PythonShell || (asked.MaxCapacity ?? asked.AllocatedCapacity) is not null)
            return asked;
        var filled = asked with
        {
            WorkerType = asked.WorkerType ?? Default(profile, ProfileConfigurationRules.WorkerType),
            NumberOfWorkers = asked.NumberOfWorkers ?? DefaultCount(profile, ProfileConfigurationRules.NumberOfWorkers),
        };
        if (filled is { WorkerType: not null, NumberOfWorkers: not null })
            return filled;
        return asked.IsUnset && Default(profile, ProfileConfigurationRules.MaxCapacity) is { } dpus
            ? asked with
            {
                MaxCapacity = double.Parse(dpus, CultureInfo.InvariantCulture),
            }
            : asked;
    }

    private static string? Default(UsageProfile profile, string key) =>
        profile.Configuration.JobConfiguration?.GetValueOrDefault(key)?.DefaultValue;

    /// <remarks>That it is a number was checked when the profile was stored.</remarks>
    private static int? DefaultCount(UsageProfile profile, string key) =>
        Default(profile, key) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
