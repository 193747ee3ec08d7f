using System.Runtime.CompilerServices;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Sees to it that one silo of the cluster, and no more, does the upkeep: the one that holds <see cref="IUpkeepLease"/>. It
/// performs every <see cref="IUpkeepDuty"/>, term after term.
/// </summary>
/// <remarks>
/// This silo stops when it could not renew the lease, before that has run out: it counts from before it asked, and on a clock
/// that only goes forward. What it had begun to do at that moment may still be under way when the next silo begins; every
/// duty allows for that.
/// <para>A term ends, and the next one begins, whenever a silo has left the cluster, be it killed or stopped: the timers of
/// its grains are gone, and what they owed. So all that has not ended is looked through again.</para>
/// </remarks>
public sealed partial class UpkeepLeader(
    IUpkeepLease lease,
    IClusterMembershipService membership,
    IServiceProvider services,
    IWallClock wall,
    ILogger<UpkeepLeader> log
) : BackgroundService
{
    /// <summary>Wall time. Tried for, and renewed, three times as often; so when the silo that leads is killed, another one
    /// does after 12 s at the latest.</summary>
    public static readonly TimeSpan LeaseLasts = TimeSpan.FromSeconds(9);

    private readonly string _holder = Guid.NewGuid().ToString("N");
    private Leadership? _leadership;

    /// <param name="Lease">Cancelled when the lease has run out as seen from here, or is somebody else's.</param>
    /// <param name="Work">Ends soon after. Never fails.</param>
    private sealed record Leadership(CancellationTokenSource Lease, Task Work);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LeaseLasts / 3, wall.Time);
        try
        {
            do await TryLead();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        finally
        {
            await Resign();
        }
    }

    private async Task TryLead()
    {
        var asked = wall.Time.GetTimestamp();
        bool holds;
        try
        {
            holds = await lease.TryHold(_holder, LeaseLasts);
        }
        catch (Exception e)
        {
            // Whoever leads goes on for as long as the lease is known to last.
            LogNotKnown(e, LeaseLasts / 3);
            return;
        }

        var left = LeaseLasts - wall.Time.GetElapsedTime(asked);
        if (holds && left > TimeSpan.Zero)
        {
            _leadership?.Lease.CancelAfter(left);
            if (_leadership is { Lease.IsCancellationRequested: false, Work.IsCompleted: false })
                return;
        }

        await StepDown();
        if (!holds || left <= TimeSpan.Zero)
            return;
        LogLeads();
        var held = new CancellationTokenSource(left, wall.Time);
        _leadership = new Leadership(held, Work(held.Token));
    }

    private async Task StepDown()
    {
        if (_leadership is not { } ended)
            return;
        _leadership = null;
        await ended.Lease.CancelAsync();
        await ended.Work;
        ended.Lease.Dispose();
        LogLeadsNoMore();
    }

    /// <summary>A silo that is stopped leaves the upkeep to another one at once.</summary>
    private async Task Resign()
    {
        if (_leadership is null)
            return;
        await StepDown();
        try
        {
            await lease.TryHold(_holder, TimeSpan.Zero);
        }
        catch (Exception e)
        {
            LogNotKnown(e, LeaseLasts);
        }
    }

    private async Task Work(CancellationToken held)
    {
        try
        {
            var (term, work) = (new CancellationTokenSource(), Task.CompletedTask);
            await foreach (var reason in Beginnings(held))
            {
                LogTermBegins(reason);
                await term.CancelAsync();
                await work;
                term.Dispose();
                term = CancellationTokenSource.CreateLinkedTokenSource(held);
                work = Task.WhenAll(services.GetServices<IUpkeepDuty>().Select(duty => Perform(duty, term.Token)));
            }

            await work;
            term.Dispose();
        }
        catch (Exception e)
        {
            LogBroken(e);
        }
    }

    /// <summary>Why a term begins: this silo leads now; after that, a silo has left.</summary>
    private async IAsyncEnumerable<string> Beginnings([EnumeratorCancellation] CancellationToken held)
    {
        var before = Silos(membership.CurrentSnapshot);
        yield return "this silo leads now";
        await using var updates = membership.MembershipUpdates.GetAsyncEnumerator(held);
        while (await Next())
        {
            var now = Silos(updates.Current);
            if (before.Except(now).ToList() is { Count: > 0 } left)
                yield return $"left the cluster: {string.Join(", ", left)}";
            before = now;
        }

        async ValueTask<bool> Next()
        {
            try
            {
                return await updates.MoveNextAsync();
            }
            catch (OperationCanceledException) when (held.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private static HashSet<SiloAddress> Silos(ClusterMembershipSnapshot snapshot) =>
        [.. snapshot.Members.Values.Where(silo => silo.Status != SiloStatus.Dead).Select(silo => silo.SiloAddress)];

    private async Task Perform(IUpkeepDuty duty, CancellationToken term)
    {
        using var timer = new PeriodicTimer(duty.Period, wall.Time);
        try
        {
            do
            {
                await Round(duty, term);
                timer.Period = duty.Period;
            } while (await timer.WaitForNextTickAsync(term));
        }
        catch (OperationCanceledException) when (term.IsCancellationRequested)
        {
            // The term is over.
        }
    }

    private async Task Round(IUpkeepDuty duty, CancellationToken term)
    {
        try
        {
            await duty.Round(term);
        }
        catch (Exception e)
        {
            if (!term.IsCancellationRequested)
                LogRoundFailed(e, duty.GetType().Name, duty.Period);
        }
    }

    [LoggerMessage(60, LogLevel.Information, "This silo does the upkeep from now on.")]
    private partial void LogLeads();

    [LoggerMessage(61, LogLevel.Information, "This silo does the upkeep no more.")]
    private partial void LogLeadsNoMore();

    [LoggerMessage(62, LogLevel.Debug, "All that has not ended is looked through: {Reason}.")]
    private partial void LogTermBegins(string reason);

    [LoggerMessage(63, LogLevel.Warning, "Who does the upkeep could not be found out; the next try is in {Period}.")]
    private partial void LogNotKnown(Exception exception, TimeSpan period);

    [LoggerMessage(64, LogLevel.Error, "{Duty} failed; its next round is in {Period}.")]
    private partial void LogRoundFailed(Exception exception, string duty, TimeSpan period);

    [LoggerMessage(65, LogLevel.Error, "The upkeep broke off; it is taken up again in a moment.")]
    private partial void LogBroken(Exception exception);
}
