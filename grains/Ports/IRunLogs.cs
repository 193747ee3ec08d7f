using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Ports;

/// <summary>What the scripts of runs printed, on the node where they run.</summary>
public interface IRunLogs
{
    /// <summary>
    /// Reads no more than <paramref name="range"/> allows, however long the log. While the run has not ended, a last line
    /// without its end is not read yet. <c>null</c>: there is no log, because the script was not started.
    /// </summary>
    Task<RunLogPart?> Read(RunRecord run, RunLog log, RunLogRange range);
}
