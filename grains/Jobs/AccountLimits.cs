using GlueOrleans.GrainInterfaces;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Jobs;

/// <summary>How much one account may have and run at a time. Configuration section <c>Limits</c>.</summary>
/// <remarks>
/// The defaults are Glue's own quotas as far as they were seen (glue-behaviour.md 4.2); all of them can be raised there, too.
/// Every one bounds something that is kept in memory or read in one query.
/// </remarks>
public sealed class AccountLimits
{
    /// <summary>Runs in STARTING, RUNNING or STOPPING, of all jobs. At least 1. Default 200.</summary>
    public int ConcurrentRuns { get; set; } = 200;

    /// <summary>The same of one job, whatever its own MaxConcurrentRuns says. At least 1. Default 1,000.</summary>
    public int ConcurrentRunsPerJob { get; set; } = 1000;

    /// <summary>DPUs held by runs that are not FLEX. At least 1. Default 1,000.</summary>
    public int TaskDpus { get; set; } = 1000;

    /// <summary>DPUs held by FLEX runs. At least 1. Default 50.</summary>
    public int FlexDpus { get; set; } = 50;

    /// <summary>Runs in WAITING. At least 0. Default 1,000; Glue has such a quota, but its value is not known.</summary>
    public int QueuedRuns { get; set; } = 1000;

    /// <summary>Job definitions. At least 1. Default 1,000.</summary>
    public int Jobs { get; set; } = 1000;

    /// <summary>Security configurations. At least 1. Default 250.</summary>
    public int SecurityConfigurations { get; set; } = 250;

    /// <summary>Usage profiles. At least 1. Default 250; Glue's own value is not known.</summary>
    public int UsageProfiles { get; set; } = 250;

    /// <summary>The refusal of one more than a limit allows.</summary>
    /// <param name="things">What there are too many of, in the plural: <c>jobs</c>.</param>
    /// <param name="limit">The name of the limit.</param>
    /// <param name="value">Its value.</param>
    public static Refusal Reached(string things, string limit, int value) =>
        new(
            RefusalKind.ResourceNumberLimitExceeded,
            $"The account has reached its limit of {value} {things}: delete some, or raise the setting Limits:{limit}."
        );
}

/// <summary>Says at the start which limit is wrong, and what would be right.</summary>
public sealed class ValidateAccountLimits : IValidateOptions<AccountLimits>
{
    private const int Most = 1_000_000;

    public ValidateOptionsResult Validate(string? name, AccountLimits options)
    {
        List<string> faults = [];
        Require(options.ConcurrentRuns, 1, nameof(options.ConcurrentRuns));
        Require(options.ConcurrentRunsPerJob, 1, nameof(options.ConcurrentRunsPerJob));
        Require(options.TaskDpus, 1, nameof(options.TaskDpus));
        Require(options.FlexDpus, 1, nameof(options.FlexDpus));
        Require(options.QueuedRuns, 0, nameof(options.QueuedRuns));
        Require(options.Jobs, 1, nameof(options.Jobs));
        Require(options.SecurityConfigurations, 1, nameof(options.SecurityConfigurations));
        Require(options.UsageProfiles, 1, nameof(options.UsageProfiles));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Require(int value, int least, string limit)
        {
            if (value < least || value > Most)
                faults.Add($"Limits:{limit} is {value}: give a whole number from {least} to {Most}.");
        }
    }
}
