using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>What a folder takes on its disk, by du(1): names that are no text, and depths that no path reaches, count as well.</summary>
internal static class DiskUsage
{
    public const string Program = "du";

    private const long Unit = 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>One at a time: what is measured are disks, and the more scripts there are the less each is looked at.</summary>
    private static readonly SemaphoreSlim Turn = new(1);

    /// <summary>Instead of bytes: they could not be counted, or not in time, and what is in the folder is to blame.</summary>
    public const long Uncountable = -1;

    /// <summary>Bytes, or <see cref="Uncountable"/>; <c>null</c> when this node could not look.</summary>
    public static async Task<long?> Of(string folder, CancellationToken cancellation)
    {
        await Turn.WaitAsync(cancellation);
        try
        {
            return await Count(folder, cancellation);
        }
        catch (Win32Exception)
        {
            return null; // no process can be started: the next look may
        }
        finally
        {
            Turn.Release();
        }
    }

    private static async Task<long?> Count(string folder, CancellationToken cancellation)
    {
        if (ScriptCage.FindTool(Program) is not { } program)
            return null;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C" };
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Limit);
        using var du = Process.Start(Supervisor.Detached(program, ["-skx", "--", folder], "/", environment))!;
        du.StandardInput.Close();
        try
        {
            // A folder for each that vanished meanwhile: not kept.
            var errors = du.StandardError.BaseStream.CopyToAsync(Stream.Null, bounded.Token);
            var line = await du.StandardOutput.ReadLineAsync(bounded.Token);
            await errors;
            await du.WaitForExitAsync(bounded.Token);
            return long.TryParse(line?.Split('\t')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var units)
                ? units * Unit
                : Uncountable;
        }
        catch (OperationCanceledException)
        {
            du.Kill();
            cancellation.ThrowIfCancellationRequested();
            return Uncountable;
        }
    }
}
