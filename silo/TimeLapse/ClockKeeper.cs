using System.Globalization;
using GlueOrleans.Grains;

namespace GlueOrleans.Silo.TimeLapse;

/// <summary>
/// Which clock a data folder has: the system's, until it is run at another speed; from then on its own, which this keeps in
/// <c>clock.json</c>, so that it never shows a time twice.
/// </summary>
/// <remarks>
/// The clock goes on at its last speed while no node is up: what a script does meanwhile takes the time it would have taken.
/// The anchor is written again and again only for the sake of a wall clock that is set back; its jump ahead is the next
/// start's <see cref="ClockAnchor.Reached"/>.
/// </remarks>
internal sealed partial class ClockKeeper : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Ample for a disk that takes its time over an anchor.</summary>
    private static readonly TimeSpan UntilNext = 2 * Period;

    private readonly string _path;
    private readonly LapseClock? _lapse;
    private readonly TimeProvider _wall;
    private readonly ILogger _log;

    private ClockKeeper(string path, LapseClock? lapse, TimeProvider wall, ILogger log)
    {
        _path = path;
        _lapse = lapse;
        _wall = wall;
        _log = log;
        Clock = lapse ?? wall;
        Wall = lapse is null ? new OneClock(wall) : lapse;
    }

    /// <summary>The node's clock.</summary>
    public TimeProvider Clock { get; }

    public IWallClock Wall { get; }

    /// <summary>Changes nothing in the folder yet.</summary>
    /// <exception cref="StartupException"><c>clock.json</c> cannot be read.</exception>
    public static ClockKeeper Open(string dataFolder, double speed, TimeProvider wall, ILogger log)
    {
        var path = Path.Combine(dataFolder, "clock.json");
        var last = ClockAnchor.Read(path);
        var lapse = last is null && speed == 1 ? null : new LapseClock(wall, last, speed);
        return new ClockKeeper(path, lapse, wall, log);
    }

    /// <summary>Makes the clock the folder's. To be called before anything that shows its time is kept.</summary>
    /// <exception cref="StartupException"><c>clock.json</c> cannot be written.</exception>
    public void Begin()
    {
        try
        {
            _lapse?.Anchor(UntilNext).Write(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Cannot keep this data folder's time: {e.Message} Free space in it.", e);
        }
    }

    /// <summary>For whoever starts the node: how its clock differs from theirs; <c>null</c> when it does not.</summary>
    public string? Description()
    {
        if (_lapse is null)
            return null;
        var now = _lapse.GetUtcNow();
        var ahead = now - _wall.GetUtcNow();
        var speed =
            _lapse.NodeSpeed == 1
                ? "as fast as the wall's"
                : _lapse.NodeSpeed.ToString("0.###", CultureInfo.InvariantCulture) + " times as fast as the wall's";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{speed}; it is {now:yyyy-MM-dd HH:mm:ss}Z, {ahead.TotalDays:0.0} days ahead"
        );
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save(TimeSpan.Zero);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_lapse is null)
            return;
        using var timer = new PeriodicTimer(Period, _wall);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Save(UntilNext);
    }

    private void Save(TimeSpan untilNext)
    {
        try
        {
            _lapse?.Anchor(untilNext).Write(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The last anchor still tells the time, unless somebody sets the wall's clock back.
            LogNotSaved(e, _path);
        }
    }

    [LoggerMessage(45, LogLevel.Warning, "The node's time was not written to {Path}; the next try is in a second.")]
    private partial void LogNotSaved(Exception exception, string path);
}
