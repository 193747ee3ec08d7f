using System.Globalization;

namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>Reads what script.sh has written: a file for each process, named <c>RUN.PID</c>.</summary>
internal static class MarkFiles
{
    public static IReadOnlyList<Execution> Read(string folder)
    {
        List<Execution> executions = [];
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(file);
            var dot = name.LastIndexOf('.');
            // A process that was killed may have left half a line, or none.
            var marks = File.ReadAllLines(file).Select(Parse).OfType<Mark>().ToList();
            if (marks.Count > 0)
                executions.Add(new Execution(name[..dot], name[(dot + 1)..], marks));
        }

        return executions;
    }

    private static Mark? Parse(string line) =>
        line.Split(' ') is [var what, var at, var detail]
        && double.TryParse(at, NumberStyles.Float, CultureInfo.InvariantCulture, out var uptime)
            ? new Mark(what, uptime, detail)
            : null;
}
