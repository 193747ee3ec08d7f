using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Gateway.Limits;

/// <summary>Lets a client wait before it hears that its request was shed.</summary>
/// <remarks>
/// Meanwhile its connection asks for nothing else. To refuse at once all who then ask again at once can cost more than the
/// work that was shed. The more wait, the longer: so refusals come at a bounded rate, however many clients there are.
/// </remarks>
internal sealed class HeldRefusals([FromKeyedServices(Failover.WallKey)] TimeProvider clock)
{
    internal static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    /// <summary>Well below the minute that AWS's clients wait for an answer.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Takes about a tenth of each core.</summary>
    private const int PerCoreAndSecond = 500;

    private int _held;

    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task Hold(CancellationToken clientGone)
    {
        var held = Interlocked.Increment(ref _held);
        try
        {
            await Task.Delay(PauseOf(held, Environment.ProcessorCount), clock, clientGone);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    /// <param name="held">How many wait, with this one.</param>
    /// <param name="cores">Of the machine.</param>
    internal static TimeSpan PauseOf(int held, int cores)
    {
        var pause = TimeSpan.FromSeconds((double)held / (PerCoreAndSecond * cores));
        return pause < Shortest ? Shortest
            : pause > Longest ? Longest
            : pause;
    }
}
