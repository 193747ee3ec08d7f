using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>Looks, while a script runs, at what it writes (Executor:LogBytes, Executor:DiskBytes).</summary>
internal sealed class LimitWatch(ProcessExecutorOptions options, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>So much longer than the last look took is the pause before the next: at most a twentieth of a disk's time.</summary>
    private const int Restraint = 20;

    /// <summary>Looks, one after the other. Whoever moves folders about could else have as much as they like.</summary>
    private const int MostUncountable = 3;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Which limit was passed, in a sentence; <c>null</c>: none until the script was gone.</summary>
    public async Task<string?> Passed(RunDirectory run, Task gone, CancellationToken cancellation)
    {
        if (options is { LogBytes: 0, DiskBytes: 0 })
            return null;
        var pause = Interval;
        var uncountable = 0;
        while (true)
        {
            await Task.WhenAny(gone, Task.Delay(pause, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            if (gone.IsCompleted)
                return null;
            var start = time.GetTimestamp();
            if (LogPassed(run) is { } log)
                return log;
            var bytes = options.DiskBytes > 0 ? await DiskUsage.Of(run.Folder, cancellation) : null;
            if (bytes > options.DiskBytes)
                return Sentence($"its directory held {bytes} bytes", options.DiskBytes, nameof(options.DiskBytes));
            uncountable = bytes == DiskUsage.Uncountable ? uncountable + 1 : 0;
            if (uncountable == MostUncountable)
            {
                return Sentence(
                    "what its directory held could not be counted, as it holds too much or changes too fast",
                    options.DiskBytes,
                    nameof(options.DiskBytes)
                );
            }

            pause = time.GetElapsedTime(start) * Restraint;
            pause =
                pause < Interval ? Interval
                : pause > LongestPause ? LongestPause
                : pause;
        }
    }

    private string? LogPassed(RunDirectory run)
    {
        if (options.LogBytes > 0)
        {
            foreach (var ofErrors in new[] { false, true })
            {
                if (LengthOfLog(run, ofErrors) is var length && length > options.LogBytes)
                {
                    return Sentence(
                        $"it had written {length} bytes to its standard {(ofErrors ? "error" : "output")}",
                        options.LogBytes,
                        nameof(options.LogBytes)
                    );
                }
            }
        }

        return null;
    }

    /// <summary>0 also when the script has put something else in its place.</summary>
    private static long LengthOfLog(RunDirectory run, bool ofErrors)
    {
        try
        {
            using var log = run.OpenLog(ofErrors);
            return RandomAccess.GetLength(log);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string Sentence(string what, long limit, string setting) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The script was ended: {what}, and may have {limit} (Executor:{setting})."
        );
}
