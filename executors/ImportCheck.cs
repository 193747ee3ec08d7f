using System.Diagnostics;

namespace GlueOrleans.Executors;

/// <summary>Asks an interpreter which of a script's imports it cannot find (check_imports.py).</summary>
internal static class ImportCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A few at once: many launches at a time would otherwise start as many interpreters twice.</summary>
    private static readonly SemaphoreSlim Turns = new(Environment.ProcessorCount);

    /// <summary>Empty also when the check itself fails: then the script shows what is wrong.</summary>
    public static async Task<IReadOnlyList<string>> Missing(
        IReadOnlyList<string> python,
        string script,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellation
    )
    {
        await Turns.WaitAsync(cancellation);
        try
        {
            return await Ask(python, script, folder, environment, cancellation);
        }
        finally
        {
            Turns.Release();
        }
    }

    private static async Task<IReadOnlyList<string>> Ask(
        IReadOnlyList<string> python,
        string script,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellation
    )
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Limit);
        using var check = Process.Start(
            Supervisor.Detached(python[0], [.. python.Skip(1), ShippedFiles.CheckImports, script], folder, environment)
        )!;
        check.StandardInput.Close();
        try
        {
            // Both at once: a pipe nobody reads would hold the other end.
            var errors = check.StandardError.ReadToEndAsync(bounded.Token);
            var missing = await check.StandardOutput.ReadToEndAsync(bounded.Token);
            await errors;
            await check.WaitForExitAsync(bounded.Token);
            return check.ExitCode == 0
                ? missing.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : [];
        }
        catch (OperationCanceledException)
        {
            check.Kill(entireProcessTree: true);
            if (cancellation.IsCancellationRequested)
                throw;
            return [];
        }
    }
}
