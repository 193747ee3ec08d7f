using System.CommandLine;
using System.Globalization;
using System.Numerics;
using GlueOrleans.Benchmarks.Load.Generator;
using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load.Commands;

/// <summary><c>start</c>, <c>get</c>, <c>list</c>: one operation, in a closed or an open loop.</summary>
internal static class LoadCommand
{
    public static IEnumerable<Command> Create(IAnsiConsole console) =>
        [
            Create("start", Operation.StartJobRun, "Starts runs.", console),
            Create("get", Operation.GetJobRun, "Asks for runs, one by one.", console),
            Create("list", Operation.GetJobRuns, "Lists runs: the newest 50 of a job.", console),
        ];

    private static Command Create(string name, Operation operation, string what, IAnsiConsole console)
    {
        var callers = new Option<int>("--callers")
        {
            Description = "Clients, each of whom sends its next request when it has its answer (a closed loop).",
            DefaultValueFactory = _ => 64,
        };
        var rate = new Option<double>("--rate")
        {
            Description =
                "Requests a second, which come whatever becomes of those before (an open loop). Latency counts from when each was due.",
        };
        var connections = new Option<int>("--connections")
        {
            Description = "With --rate: for what is under way at a time. What finds none is held back, and counted.",
            DefaultValueFactory = _ => 1024,
        };
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up")
        {
            Description =
                "Seconds before that, in which nothing is counted: until then .NET compiles what is often done.",
            DefaultValueFactory = _ => 5,
        };
        var jobs = new Option<int>("--jobs")
        {
            Description = "That are made for it, each with a run. Their script does not exist.",
            DefaultValueFactory = _ => 1000,
        };
        var json = new Option<string?>("--json") { Description = "A file that gets the figures.", HelpName = "FILE" };
        var target = new TargetOptions();
        var command = new Command(name, $"{what} Exit code 0: also when requests were refused.")
        {
            callers,
            rate,
            connections,
            seconds,
            warmUp,
            jobs,
            json,
        };
        target.AddTo(command);
        RequirePositive(callers);
        RequirePositive(rate);
        RequirePositive(connections);
        RequirePositive(seconds);
        RequirePositive(jobs);

        command.SetAction(
            (given, _) =>
                new Load(
                    new LoadOptions(
                        target.Urls(given),
                        operation,
                        given.GetValue(callers),
                        given.GetResult(rate) is null ? null : given.GetValue(rate),
                        given.GetValue(connections),
                        TimeSpan.FromSeconds(given.GetValue(seconds)),
                        TimeSpan.FromSeconds(given.GetValue(warmUp)),
                        given.GetValue(jobs),
                        target.Credentials(given),
                        target.Settings(given),
                        given.GetValue(json)
                    ),
                    console
                ).Run()
        );
        return command;
    }

    private static void RequirePositive<T>(Option<T> option)
        where T : INumber<T> =>
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [var token]
                && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value)
                && value <= T.Zero
            )
                result.AddError($"{option.Name} is {token.Value}: give a number above 0.");
        });
}
