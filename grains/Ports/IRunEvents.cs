using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Ports;

/// <summary>
/// What leaves the system when a run ends or is late: Glue's two EventBridge events. Best effort: never blocks, never
/// throws.
/// </summary>
public interface IRunEvents
{
    /// <summary>The run's row has just become terminal (or was created so). Which states make an event is the
    /// implementation's rule.</summary>
    void Ended(RunRecord run);

    /// <summary>The run is still in <c>run.State</c> although <c>NotifyDelayAfter</c> has passed since
    /// <c>StartedOn</c>.</summary>
    void Delayed(RunRecord run, DateTimeOffset at);
}
