using System.Globalization;
using GlueOrleans.Tests.ChaosSuite.Cluster;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>Lines for whoever watches, with the machine's uptime, which is the clock of all histories; kept in a file, too.</summary>
internal sealed class Progress(string file)
{
    private readonly Lock _lock = new();

    public void Say(string line)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"chaos {Machine.Uptime, 10:0.00}  {line}");
        lock (_lock)
        {
            Console.WriteLine(text);
            File.AppendAllText(file, text + "\n");
        }
    }
}
