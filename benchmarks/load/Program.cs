using System.CommandLine;
using GlueOrleans.Benchmarks.Load.Commands;
using Spectre.Console;

// Answers are taken where they arrive, by one thread: no other has to be woken for them. Read when the first socket is made.
foreach (var name in Program.OwnVariables)
    Environment.SetEnvironmentVariable(name, "1");

var console = Wide();
var root = new RootCommand("Loads a node of GlueOrleans, and says what it makes of it.")
{
    MeasureCommand.Create(console),
    OverloadCommand.Create(console),
};
foreach (var command in LoadCommand.Create(console))
    root.Add(command);
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? 2 : exitCode;

// A table is as wide as its figures, also where the output goes to a file.
static IAnsiConsole Wide()
{
    var console = AnsiConsole.Console;
    console.Profile.Width = Math.Max(console.Profile.Width, 200);
    return console;
}

/// <summary>The program's entry point, and what is its alone.</summary>
internal static partial class Program
{
    /// <summary>Environment variables that this process sets for itself; processes that it starts inherit what is set.</summary>
    public static IReadOnlyList<string> OwnVariables { get; } =
    ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"];
}
