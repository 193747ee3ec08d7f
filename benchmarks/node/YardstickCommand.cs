using System.CommandLine;

namespace GlueOrleans.Benchmarks.Node;

/// <summary><c>yardstick web|postgres|sqlite</c>: what the node is compared with, each in a process of its own, as the node is.</summary>
internal static class YardstickCommand
{
    public static Command Create() => new("yardstick", "What a node is compared with.") { Web(), Postgres(), Sqlite() };

    private static Command Web()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where it listens; port 0 takes a free one.",
            DefaultValueFactory = _ => "http://127.0.0.1:0",
        };
        var database = new Option<string?>("--database")
        {
            Description =
                "Npgsql's connection string of a node's database that has a run, and a table yardstick.runs of the same shape: "
                + "each request inserts a row into that. Without it, a request does nothing.",
        };
        var command = new Command("web", "The web server of the node, with one endpoint: POST /.") { urls, database };
        command.SetAction(
            (given, cancellation) => WebYardstick.Serve(given.GetValue(urls)!, given.GetValue(database), cancellation)
        );
        return command;
    }

    private static Command Postgres()
    {
        var database = new Option<string>("--database")
        {
            Description =
                "Npgsql's connection string of a node's database that has a run, and a table yardstick.runs of the same shape.",
            Required = true,
        };
        var (callers, seconds) = (Callers(), Seconds());
        var jobs = new Option<int>("--jobs")
        {
            Description = "Over which the rows are spread.",
            DefaultValueFactory = _ => 1000,
        };
        var command = new Command(
            "postgres",
            "Inserts rows into yardstick.runs, each in a transaction of its own. Prints how many a second."
        )
        {
            database,
            callers,
            jobs,
            seconds,
        };
        command.SetAction(given =>
            PostgresYardstick.Run(
                given.GetValue(database)!,
                given.GetValue(callers),
                given.GetValue(jobs),
                TimeSpan.FromSeconds(given.GetValue(seconds))
            )
        );
        return command;
    }

    private static Command Sqlite()
    {
        var from = new Option<string>("--from")
        {
            Description = "The runs.db of a node, with a run in it.",
            Required = true,
        };
        var file = new Option<string>("--file") { Description = "The database to be made.", Required = true };
        var (callers, seconds) = (Callers(), Seconds());
        var command = new Command(
            "sqlite",
            "Inserts rows of the run table, each in a transaction of its own. Prints how many a second."
        )
        {
            from,
            file,
            callers,
            seconds,
        };
        command.SetAction(given =>
            SqliteYardstick.Run(
                given.GetValue(from)!,
                given.GetValue(file)!,
                given.GetValue(callers),
                TimeSpan.FromSeconds(given.GetValue(seconds))
            )
        );
        return command;
    }

    private static Option<int> Callers() =>
        new("--callers") { Description = "At a time.", DefaultValueFactory = _ => 64 };

    private static Option<double> Seconds() =>
        new("--seconds") { Description = "How long.", DefaultValueFactory = _ => 5 };
}
