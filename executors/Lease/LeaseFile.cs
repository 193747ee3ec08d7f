using System.Globalization;
using System.Text;
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
/// <c>ENDS KILL_AT NODE:EPOCH PID IDENTITY ENDS:KILL_AT</c>, times in hundredths of a second of uptime.
/// </summary>
/// <remarks>Allocated once, then overwritten in place by one write of the same length: a disk that is full must not cost healthy
/// scripts their lease. Who reads meanwhile may get the beginning of one line and the end of another; the times stand at both,
/// and a line where they differ does not count.</remarks>
internal sealed class LeaseFile(string runsFolder)
{
    /// <summary>Bytes of a line, with its newline, or a multiple for a node with a very long name.</summary>
    private const int Width = 256;

    private const int Tries = 3;

    private readonly string _file = Path.Combine(runsFolder, "lease");

    public void Write(LeaseNote note)
    {
        var line = Line(note);
        if (TryOverwrite(line))
            return;
        Directory.CreateDirectory(runsFolder);
        var draft = _file + ".draft";
        File.WriteAllBytes(draft, line);
        File.Move(draft, _file, overwrite: true);
    }

    /// <summary><c>null</c>: there is none that is of use, as after the machine was restarted.</summary>
    public LeaseNote? Read()
    {
        try
        {
            for (var again = Tries; again > 0; again--)
            {
                if (Parse(File.ReadAllText(_file)) is { } note)
                    return note;
            }

            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static byte[] Line(LeaseNote note)
    {
        var (ends, killAt) = (Uptime.InHundredths(note.Ends), Uptime.InHundredths(note.KillAt));
        var line = Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{ends} {killAt} {note.Tenure.Node}:{note.Tenure.Epoch} {note.Holder.Pid} {note.Holder.Start} {ends}:{killAt}"
            )
        );
        var padded = new byte[(line.Length / Width * Width) + Width];
        padded.AsSpan().Fill((byte)' ');
        line.CopyTo(padded, 0);
        padded[^1] = (byte)'\n';
        return padded;
    }

    /// <summary>False: there is none, or one of another length.</summary>
    private bool TryOverwrite(byte[] line)
    {
        try
        {
            using var file = File.OpenHandle(_file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            if (RandomAccess.GetLength(file) != line.Length)
                return false;
            RandomAccess.Write(file, line, fileOffset: 0);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static LeaseNote? Parse(string line)
    {
        if (line.TrimEnd().Split(' ', 4) is not [var endsWord, var killAtWord, var tenure, var rest])
            return null;
        var seal = rest.LastIndexOf(' ');
        return
            seal > 0
            && rest[(seal + 1)..] == $"{endsWord}:{killAtWord}"
            && long.TryParse(endsWord, NumberStyles.None, CultureInfo.InvariantCulture, out var ends)
            && long.TryParse(killAtWord, NumberStyles.None, CultureInfo.InvariantCulture, out var killAt)
            && tenure.LastIndexOf(':') is > 0 and var colon
            && long.TryParse(tenure.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            && ProcessIdentity.Parse(rest[..seal] + '\n') is { IsOfEarlierBoot: false } holder
            ? new LeaseNote(
                Uptime.FromHundredths(ends),
                Uptime.FromHundredths(killAt),
                new ExecutorTenure(tenure[..colon], epoch),
                holder
            )
            : null;
    }
}
