using System.CommandLine;
using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load.Commands;

/// <summary><c>overload</c></summary>
internal static class OverloadCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "Of each measurement.",
            DefaultValueFactory = _ => 10,
        };
        var connections = new Option<int>("--connections")
        {
            Description = "One for each client, who asks for nothing else while it waits for an answer.",
            DefaultValueFactory = _ => 4096,
        };
        var jobs = new Option<int>("--jobs") { Description = "That are started.", DefaultValueFactory = _ => 200 };
        var noPin = new Option<bool>("--no-pin") { Description = "Lets generator and node share all CPUs." };
        var target = new TargetOptions();
        var command = new Command(
            "overload",
            "What a node makes of ten times the load that it can carry. Exit code 0: it goes on answering 80 % of its peak."
        )
        {
            seconds,
            connections,
            jobs,
            noPin,
        };
        target.AddTo(command);
        command.SetAction(
            (given, _) =>
                new Overload(
                    new OverloadOptions(
                        target.Urls(given),
                        TimeSpan.FromSeconds(given.GetValue(seconds)),
                        given.GetValue(connections),
                        given.GetValue(jobs),
                        target.Credentials(given),
                        !given.GetValue(noPin),
                        target.Settings(given)
                    ),
                    console
                ).Run()
        );
        return command;
    }
}
