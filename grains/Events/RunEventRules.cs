using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Events;

/// <summary>Which events a run makes, and what they say: glue-behaviour.md 5.2 and 5.4.</summary>
public static class RunEventRules
{
    public const string StateChange = "Glue Job State Change";
    public const string RunStatus = "Glue Job Run Status";

    /// <summary>The event of a run's end; <c>null</c> for the ends that Glue makes none of, ERROR and EXPIRED.</summary>
    public static RunEventDocument? Ended(RunRecord run, string region)
    {
        (string Severity, string Message)? end = run.State switch
        {
            JobRunState.Succeeded => ("INFO", "Job run succeeded"),
            JobRunState.Failed => ("ERROR", run.ErrorMessage ?? "Job run failed"),
            JobRunState.Timeout => ("WARN", "Job run timed out"),
            JobRunState.Stopped => ("INFO", "Job run stopped"),
            _ => null,
        };
        return end is { } said
            ? Event(
                StateChange,
                run,
                run.CompletedOn ?? run.LastModifiedOn,
                region,
                Detail(run, said.Severity, said.Message)
            )
            : null;
    }

    /// <summary>The event of a run that is late at this instant; <c>null</c> for one that nobody wants to be told about, and
    /// in the states that are not waited for: WAITING, and all that are an end.</summary>
    public static RunEventDocument? Delayed(RunRecord run, DateTimeOffset at, string region)
    {
        if (run.Settings.NotificationProperty?.NotifyDelayAfter is not { } minutes)
            return null;
        if (run.State is not (JobRunState.Starting or JobRunState.Running or JobRunState.Stopping))
            return null;
        var detail = Detail(run, "INFO", $"Job is in {run.State.ToGlueName()} state") with
        {
            NotificationCondition = new NotificationCondition(minutes),
            StartedOn = run.StartedOn.UtcDateTime.ToString(
                "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                CultureInfo.InvariantCulture
            ),
        };
        return Event(RunStatus, run, at, region, detail);
    }

    private static RunEventDetail Detail(RunRecord run, string severity, string message) =>
        new()
        {
            JobName = run.Job.Name,
            Severity = severity,
            State = run.State.ToGlueName(),
            JobRunId = run.Id,
            Message = message,
        };

    private static RunEventDocument Event(
        string type,
        RunRecord run,
        DateTimeOffset at,
        string region,
        RunEventDetail detail
    ) =>
        new()
        {
            Id = IdOf(type, run),
            DetailType = type,
            Account = run.Job.Account,
            Time = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Region = region,
            Detail = detail,
        };

    /// <summary>A run makes each kind of event once per state, so these name it: a UUID of version 8, from a hash.</summary>
    private static Guid IdOf(string type, RunRecord run)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{type}/{run.Id}/{run.State.ToGlueName()}"));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
