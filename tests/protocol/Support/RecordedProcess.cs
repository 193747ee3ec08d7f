namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>A process as a run's directory records it: <c>PID linux:BOOT:START</c>. The pid alone may mean a later one.</summary>
internal sealed record RecordedProcess(int Pid, string StartTime)
{
    /// <summary>The script; <c>null</c> when none was started.</summary>
    public static RecordedProcess? Script(string runFolder) => Read(Path.Combine(runFolder, "child"));

    /// <summary>What started the script and records its exit.</summary>
    public static RecordedProcess? Supervisor(string runFolder) => Read(Path.Combine(runFolder, "claim"));

    /// <summary>Whether it runs: one that is dead but not yet reaped does not.</summary>
    public bool IsAlive
    {
        get
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{Pid}/stat");
                // The name, in parentheses, may contain anything; the state follows it, and 19 words later the start.
                var words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return words[0] is not ("Z" or "X") && words[19] == StartTime;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    private static RecordedProcess? Read(string file)
    {
        if (!File.Exists(file))
            return null;
        var words = File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && int.TryParse(words[0], out var pid)
            ? new RecordedProcess(pid, words[1].Split(':')[^1])
            : null;
    }
}
