using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>Looks, while a script runs, at what it writes (Executor:LogBytes, Executor:DiskBytes).</summary>
internal sealed class LimitWatch(ProcessExecutorOptions options, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>So much longer than the last look took is the pause before the next: at most a twentieth of a disk's time.</summary>
    private const int Restraint = 20;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Which limit was passed, in a sentence; <c>null</c>: none until the script was gone.</summary>
    public async Task<string?> Passed(RunDirectory run, Task gone, CancellationToken cancellation)
    {
        if (options is { LogBytes: 0, DiskBytes: 0 })
            return null;
        var pause = Interval;
        while (true)
        {
            await Task.WhenAny(gone, Task.Delay(pause, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            if (gone.IsCompleted)
                return null;
            var start = time.GetTimestamp();
            if (await Look(run, cancellation) is { } passed)
                return passed;
            pause = time.GetElapsedTime(start) * Restraint;
            pause =
                pause < Interval ? Interval
                : pause > LongestPause ? LongestPause
                : pause;
        }
    }

    private async Task<string?> Look(RunDirectory run, CancellationToken cancellation)
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

        return
            options.DiskBytes > 0
            && await DiskUsage.Of(run.Folder, cancellation) is { } bytes
            && bytes > options.DiskBytes
            ? Sentence($"its directory held {bytes} bytes", options.DiskBytes, nameof(options.DiskBytes))
            : null;
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
