using System.Diagnostics;
using System.Globalization;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Tests.ChaosNode;

/// <summary>
/// Places in the program at which a test can make something happen. A point is armed by a file of its name in the folder of
/// triggers, which all nodes share: the first node that comes by takes it, by renaming it, and does what is written in it.
/// </summary>
/// <remarks>
/// <c>kill</c>: SIGKILL to itself, there and then. <c>doubt</c>: a write that was done is reported as one that may not have
/// been. <c>delay MILLISECONDS</c>: goes on later. <c>full</c>: the disk is said to be full.
/// </remarks>
internal sealed class NamedPoints(string folder, string node)
{
    private const int NoSpaceLeft = 28;

    private int _taken;

    /// <summary>Does what the point is armed with, if it is.</summary>
    /// <exception cref="StoreUnavailableException">It is armed with doubt.</exception>
    /// <exception cref="IOException">It is armed with a full disk.</exception>
    public async Task Reach(string point)
    {
        if (Take(point) is not { } action)
            return;
        switch (action.Split(' '))
        {
            case ["kill"]:
                using (var self = Process.GetCurrentProcess())
                    self.Kill();
                // Nothing that comes after this point may happen in what is left of a moment.
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
                break;
            case ["doubt"]:
                throw new StoreUnavailableException($"The chaos suite has made {point} doubtful: it is written.");
            case ["delay", var milliseconds]:
                await Task.Delay(
                    TimeSpan.FromMilliseconds(int.Parse(milliseconds, CultureInfo.InvariantCulture)),
                    TimeProvider.System
                );
                break;
            case ["full"]:
                throw new IOException("No space left on device (the chaos suite's).", NoSpaceLeft);
            default:
                throw new InvalidOperationException($"The trigger {point} holds '{action}', which is no action.");
        }
    }

    private string? Take(string point)
    {
        var armed = Path.Combine(folder, point);
        if (!File.Exists(armed))
            return null;
        var taken = $"{armed}.taken.{node}.{Environment.ProcessId}.{Interlocked.Increment(ref _taken)}";
        try
        {
            File.Move(armed, taken);
        }
        catch (FileNotFoundException)
        {
            return null; // another node, or another call, was first
        }

        return File.ReadAllText(taken).Trim();
    }
}
