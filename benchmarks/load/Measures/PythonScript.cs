using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// A script that does nothing but leave its mark: a line with a name that it is given, and with when its own first line was
/// reached. To be started bare, and by a node, with the same interpreter.
/// </summary>
/// <remarks>Both clocks are the machine's (CLOCK_MONOTONIC), so nobody has to see the mark in the moment in which it is made.</remarks>
internal sealed class PythonScript : IDisposable
{
    /// <summary>One write at the end of a file, which no other comes between.</summary>
    private const string Text = """
        import time
        begun = time.monotonic_ns()
        import os, sys
        name = sys.argv[sys.argv.index("--mark") + 1]
        marks = os.open(sys.argv[sys.argv.index("--marks") + 1], os.O_WRONLY | os.O_APPEND)
        os.write(marks, f"{name} {begun}\n".encode())

        """;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("glue-marks-").FullName;
    private readonly string _marks;

    public PythonScript()
    {
        Location = Path.Combine(_folder, "mark.py");
        _marks = Path.Combine(_folder, "marks");
        File.WriteAllText(Location, Text);
        Clear();
    }

    /// <summary>Of the script, for a job's command.</summary>
    public string Location { get; }

    /// <summary>The interpreter itself: what <c>python3</c> on the PATH may be is a script that looks for one.</summary>
    public string Interpreter { get; } = FindInterpreter();

    /// <summary>What the script is to be given, as a run's arguments.</summary>
    public IReadOnlyDictionary<string, string> Arguments(string mark) =>
        new Dictionary<string, string> { ["--mark"] = mark, ["--marks"] = _marks };

    /// <summary>Nobody has left a mark.</summary>
    public void Clear() => File.WriteAllText(_marks, "");

    public Process StartBare(string mark)
    {
        var words = Arguments(mark).SelectMany(argument => new[] { argument.Key, argument.Value });
        return Process.Start(new ProcessStartInfo(Interpreter, [Location, .. words]))!;
    }

    /// <summary>All that are there, in their order, each with its time as <see cref="Stopwatch"/> has it.</summary>
    public IReadOnlyList<(string Mark, long At)> Read() =>
        [
            .. File.ReadAllText(_marks)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .Select(words => (words[0], Timestamp(long.Parse(words[1], CultureInfo.InvariantCulture)))),
        ];

    /// <summary>When a mark that is the next to come was made.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public async Task<long> Wait(string mark, TimeSpan patience, CancellationToken cancellation)
    {
        var begunAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            foreach (var (made, at) in Read().Reverse())
            {
                if (made == mark)
                    return at;
            }

            if (TimeProvider.System.GetElapsedTime(begunAt) > patience)
                throw new TimeoutException($"The script left no mark '{mark}' within {patience.TotalSeconds:0} s.");
            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static long Timestamp(long nanoseconds) => (long)(nanoseconds * (Stopwatch.Frequency / 1e9));

    private static string FindInterpreter()
    {
        using var asked = Process.Start(
            new ProcessStartInfo("python3", ["-c", "import sys; print(sys.executable)"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        var path = asked.StandardOutput.ReadToEnd().Trim();
        asked.WaitForExit();
        return path.Length > 0 ? path : throw new InvalidOperationException("python3 is not on PATH.");
    }
}
