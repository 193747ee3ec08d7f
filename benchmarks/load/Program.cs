using System.CommandLine;
using GlueOrleans.Benchmarks.Load.Commands;
using Spectre.Console;

// Answers are taken where they arrive, by one thread: no other has to be woken for them. Read when the first socket is made.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

var console = Wide();
return await new RootCommand("Loads a node of GlueOrleans, and says what it makes of it.")
{
    MeasureCommand.Create(console),
    OverloadCommand.Create(console),
}
    .Parse(args)
    .InvokeAsync();

// A table is as wide as its figures, also where the output goes to a file.
static IAnsiConsole Wide()
{
    var console = AnsiConsole.Console;
    console.Profile.Width = Math.Max(console.Profile.Width, 200);
    return console;
}
