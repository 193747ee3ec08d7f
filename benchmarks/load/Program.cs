using System.CommandLine;
using GlueOrleans.Benchmarks.Load;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Target;
using Spectre.Console;

// Answers are taken where they arrive, by one thread: no other has to be woken for them. Read when the first socket is made.
foreach (var name in LocalNode.NotInherited)
    Environment.SetEnvironmentVariable(name, "1");

var seconds = new Option<int>("--seconds") { Description = "Of each measurement.", DefaultValueFactory = _ => 10 };
var connections = new Option<int>("--connections")
{
    Description = "One for each client, who asks for nothing else while it waits for an answer.",
    DefaultValueFactory = _ => 4096,
};
var jobs = new Option<int>("--jobs") { Description = "That are started.", DefaultValueFactory = _ => 200 };
var url = new Option<string[]>("--url")
{
    Description = "Of a gateway that runs already; may be given again. None: starts a node.",
};
var accessKey = new Option<string>("--access-key")
{
    Description = "That requests are made under.",
    DefaultValueFactory = _ => "000000000000",
};
var secret = new Option<string?>("--secret")
{
    Description = "That they are signed with; without it they are not signed.",
};
var region = new Option<string>("--region")
{
    Description = "That they are signed for.",
    DefaultValueFactory = _ => "us-east-1",
};
var noPin = new Option<bool>("--no-pin") { Description = "Lets generator and node share all CPUs." };
var set = new Option<string[]>("--set")
{
    Description = "A setting of the node that is started: Gateway:MaxConcurrentRequests=64.",
};

var overload = new Command(
    "overload",
    "What a node makes of ten times the load that it can carry. Exit code 0: it goes on answering 80 % of its peak."
)
{
    seconds,
    connections,
    jobs,
    url,
    accessKey,
    secret,
    region,
    noPin,
    set,
};
overload.SetAction(given =>
    new Overload(
        new OverloadOptions(
            [.. (given.GetValue(url) ?? []).Select(text => new Uri(text))],
            TimeSpan.FromSeconds(given.GetValue(seconds)),
            given.GetValue(connections),
            given.GetValue(jobs),
            new Credentials(given.GetValue(accessKey)!, given.GetValue(secret), given.GetValue(region)!),
            !given.GetValue(noPin),
            [.. (given.GetValue(set) ?? []).Select(setting => $"--{setting}")]
        ),
        Wide()
    ).Run()
);

return new RootCommand("Loads a node of GlueOrleans, and says what it makes of it.") { overload }
    .Parse(args)
    .Invoke();

// A table is as wide as its figures, also where the output goes to a file.
static IAnsiConsole Wide()
{
    var console = AnsiConsole.Console;
    console.Profile.Width = Math.Max(console.Profile.Width, 200);
    return console;
}
