using System.Globalization;
using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Executors.Lease;

/// <summary>What stands in <c>RUNS/lease</c>: until when somebody vouches for the scripts of this folder.</summary>
/// <param name="Ends">By <see cref="Uptime"/>. The database does not give the node's runs away before.</param>
/// <param name="KillAt">When the guard ends them, if nobody has prolonged the lease.</param>
/// <param name="Tenure">Whose scripts they are.</param>
/// <param name="Holder">The process that keeps the lease, or was the last to.</param>
internal sealed record LeaseNote(TimeSpan Ends, TimeSpan KillAt, ExecutorTenure Tenure, ProcessIdentity Holder);

/// <summary>
/// The file by which a node tells its guard, and the next process on its folder, what it knows of its lease. One line:
/// <c>ENDS KILL_AT NODE:EPOCH PID IDENTITY</c>, times in hundredths of a second of uptime. Replaced as a whole.
/// </summary>
internal sealed class LeaseFile(string runsFolder)
{
    private readonly string _file = Path.Combine(runsFolder, "lease");

    public void Write(LeaseNote note)
    {
        Directory.CreateDirectory(runsFolder);
        var draft = _file + ".draft";
        File.WriteAllText(
            draft,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Uptime.InHundredths(note.Ends)} {Uptime.InHundredths(note.KillAt)} {note.Tenure.Node}:{note.Tenure.Epoch} {note.Holder.Pid} {note.Holder.Start}\n"
            )
        );
        File.Move(draft, _file, overwrite: true);
    }

    /// <summary><c>null</c>: there is none that is of use, as after the machine was restarted.</summary>
    public LeaseNote? Read()
    {
        try
        {
            var words = File.ReadAllText(_file).Split(' ', 4);
            return
                words.Length == 4
                && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ends)
                && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var killAt)
                && words[2].LastIndexOf(':') is > 0 and var colon
                && long.TryParse(
                    words[2].AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var epoch
                )
                && ProcessIdentity.Parse(words[3]) is { IsOfEarlierBoot: false } holder
                ? new LeaseNote(
                    Uptime.FromHundredths(ends),
                    Uptime.FromHundredths(killAt),
                    new ExecutorTenure(words[2][..colon], epoch),
                    holder
                )
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
