using System.CommandLine;
using GlueOrleans.Benchmarks.Load.Commands;
using Spectre.Console;

// Answers are taken where they arrive, by one thread: no other has to be woken for them. Read when the first socket is made.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

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
