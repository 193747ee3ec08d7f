namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>The directories in which a node keeps its runs.</summary>
internal static class RunFolders
{
    /// <summary>Ends every script that a node which lives no more has left.</summary>
    public static async Task EndScripts(string runs)
    {
        if (!Directory.Exists(runs))
            return;
        foreach (var run in Directory.EnumerateDirectories(runs))
        {
            if (RecordedProcess.Script(run) is { IsAlive: true } script)
            {
                // The script leads a group.
                Posix.Signal(-script.Pid, Posix.Sigkill);
                await Poll.Until(() => !script.IsAlive, $"script {script.Pid} has ended after SIGKILL");
            }

            if (RecordedProcess.Supervisor(run) is { IsAlive: true } supervisor)
                await Poll.Until(() => !supervisor.IsAlive, $"supervisor {supervisor.Pid} has ended with its script");
        }
    }
}
