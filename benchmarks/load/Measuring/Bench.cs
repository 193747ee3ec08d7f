using System.Security.Cryptography;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Target;
using GlueOrleans.Tests.Support;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measuring;

/// <summary>What measures share: how long they take, a PostgreSQL server, and how nodes and yardsticks are started.</summary>
/// <remarks>
/// Everything is durable as it is by default: PostgreSQL with fsync and synchronous_commit on, SQLite with synchronous=FULL. All
/// processes share the machine; none is kept to a CPU of its own.
/// </remarks>
/// <param name="isQuick">Less time and fewer rounds, for a look.</param>
/// <param name="rounds">How often each figure is taken; <c>null</c>: 3, and 2 if it is to be quick.</param>
/// <param name="say">Gets a line for each step.</param>
internal sealed class Bench(bool isQuick, int? rounds, Action<string> say) : IAsyncDisposable
{
    /// <summary>Connections to a database of one process. Npgsql's own default.</summary>
    private const int PoolSize = 100;

    /// <summary>A node, an endpoint and pgbench, with some to spare.</summary>
    private const int MaxConnections = 400;

    /// <summary>Of a machine that stands still for longer than a try takes.</summary>
    private const int MostTries = 4;

    private static readonly TimeSpan ReadyPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<string, IAsyncDisposable> _shared = new(StringComparer.Ordinal);
    private PostgresServer? _postgres;

    public bool IsQuick => isQuick;

    public int Rounds => rounds ?? (isQuick ? 2 : 3);

    /// <summary>Of what takes long.</summary>
    public int FewRounds => rounds ?? (isQuick ? 1 : 3);

    /// <summary>Of one try.</summary>
    public TimeSpan Duration { get; } = TimeSpan.FromSeconds(isQuick ? 1.2 : 5);

    /// <summary>Over which starts are spread.</summary>
    public int ManyJobs { get; } = isQuick ? 100 : 1000;

    /// <summary>The longest time before the first try against a process, in which .NET compiles what it does.</summary>
    public TimeSpan WarmUp { get; } = TimeSpan.FromSeconds(isQuick ? 12 : 60);

    /// <summary>What goes no faster for so long is warm.</summary>
    public TimeSpan WarmFor { get; } = TimeSpan.FromSeconds(isQuick ? 3 : 10);

    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>All requests are signed with these.</summary>
    public Credentials Credentials { get; } =
        new("BENCHMARKSBENCHMARKS", Convert.ToHexString(RandomNumberGenerator.GetBytes(20)), "us-east-1");

    /// <summary>Tells whoever waits what is done.</summary>
    public void Say(string step) => say(step);

    /// <summary>A server of its own, that is gone with the bench. Made when first asked for.</summary>
    /// <exception cref="CannotMeasureException">There is no PostgreSQL.</exception>
    public async Task<PostgresServer> Postgres()
    {
        if (_postgres is not null)
            return _postgres;
        Say("starting PostgreSQL");
        try
        {
            _postgres = await PostgresServer.Start(isFsyncOn: true, maxConnections: MaxConnections);
        }
        catch (InvalidOperationException e)
        {
            throw new CannotMeasureException(e.Message);
        }

        await RequireDurable(_postgres.ConnectionString("postgres"));
        return _postgres;
    }

    /// <summary>A new, empty database. Answers with its connection string.</summary>
    /// <param name="connections">That one process has to it at most.</param>
    public async Task<string> CreateDatabase(int connections = PoolSize) =>
        new NpgsqlConnectionStringBuilder(await (await Postgres()).CreateDatabase())
        {
            MaxPoolSize = connections,
        }.ToString();

    /// <summary>What several measures use: made for the first of them, and warm for the others. Until <see cref="EndShared"/>.</summary>
    /// <param name="name">The same for the same.</param>
    /// <param name="make">Makes it, for the first.</param>
    public async Task<T> Shared<T>(string name, Func<Task<T>> make)
        where T : class, IAsyncDisposable
    {
        if (_shared.TryGetValue(name, out var made))
            return (T)made;
        var first = await make();
        _shared.Add(name, first);
        return first;
    }

    /// <summary>What was shared is not needed any more, or may be at fault.</summary>
    public async Task EndShared()
    {
        IAsyncDisposable[] shared = [.. _shared.Values];
        _shared.Clear();
        foreach (var one in shared)
        {
            try
            {
                await one.DisposeAsync();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Scripts that nobody ended write into its folder still. What was measured is not less right.
                Say($"something is left behind: {e.Message}");
            }
        }
    }

    /// <summary>A node with simulated scripts that is ready: silo, executor and gateway.</summary>
    /// <param name="simulated">What becomes of scripts: <c>running</c>, <c>succeed</c>.</param>
    /// <param name="database">Npgsql's connection string; <c>null</c>: the node is alone, on SQLite.</param>
    /// <param name="settings">More words for its command line.</param>
    public Task<LocalNode> StartNode(string simulated, string? database, params IReadOnlyList<string> settings) =>
        Start(NodeProgram.Simulated, database, [$"--Simulated:Outcome={simulated}", .. settings]);

    /// <summary>A node that runs scripts, as users start it, and that is ready.</summary>
    public Task<LocalNode> StartRealNode(string? database, params IReadOnlyList<string> settings) =>
        Start(NodeProgram.Real, database, settings);

    /// <summary>The web server with one endpoint, as <c>benchmarks/node yardstick web</c> has it.</summary>
    /// <param name="database">In which each request inserts a row; <c>null</c>: requests do nothing.</param>
    public async Task<ServerProcess> StartWebYardstick(string? database)
    {
        Say("starting the endpoint that it is compared with");
        string[] words = [NodeProgram.Simulated, "yardstick", "web"];
        return await ServerProcess.Start(
            ["dotnet", .. words, .. database is null ? (string[])[] : ["--database", database]],
            new Dictionary<string, string>()
        );
    }

    /// <summary>
    /// Takes all figures once, in turn, and again in the next round, so that what changes on the machine meanwhile changes them
    /// alike. The order is turned around in every other round.
    /// </summary>
    /// <param name="tries">What each figure is of, and what takes it.</param>
    /// <returns>In the order of <paramref name="tries"/>.</returns>
    public Task<IReadOnlyList<Series>> InTurn(params IReadOnlyList<(string Of, Func<Task<double>> Take)> tries) =>
        InTurn(Rounds, tries);

    /// <param name="rounds">How often.</param>
    /// <param name="tries">What each figure is of, and what takes it.</param>
    public async Task<IReadOnlyList<Series>> InTurn(
        int rounds,
        params IReadOnlyList<(string Of, Func<Task<double>> Take)> tries
    )
    {
        var figures = tries.Select(_ => new double[rounds]).ToList();
        for (var round = 0; round < rounds; round++)
        {
            var order = Enumerable.Range(0, tries.Count);
            foreach (var i in round % 2 == 0 ? order : order.Reverse())
            {
                Say($"round {round + 1} of {rounds}: {tries[i].Of}");
                figures[i][round] = await Figure(tries[i].Of, tries[i].Take);
            }
        }

        return [.. tries.Select((one, i) => new Series(one.Of, figures[i]))];
    }

    /// <summary>Returns when the node says that it is ready: it answers before it has its executor's lease.</summary>
    /// <exception cref="CannotMeasureException">It is not.</exception>
    public async Task BeReady(LocalNode node)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        var begunAt = Clock.GetTimestamp();
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
                return;
            if (Clock.GetElapsedTime(begunAt) > ReadyPatience)
            {
                throw new CannotMeasureException(
                    $"The node was not ready after {ReadyPatience.TotalSeconds} s: {await answer.Content.ReadAsStringAsync()}"
                );
            }

            await Task.Delay(ReadyPause, Clock);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndShared();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }

    /// <summary>Of a time in which nothing at all was done there is no figure.</summary>
    private async Task<double> Figure(string of, Func<Task<double>> take)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            if (await take() is > 0 and < double.PositiveInfinity and var figure)
                return figure;
            Say($"nothing was done in that time: {of}");
        }

        throw new CannotMeasureException($"{of}: nothing was done in any of {MostTries} tries.");
    }

    /// <summary>The report says so.</summary>
    private static async Task RequireDurable(string server)
    {
        await using var source = NpgsqlDataSource.Create(server);
        foreach (var setting in (string[])["fsync", "synchronous_commit", "full_page_writes"])
        {
            await using var command = source.CreateCommand($"SHOW {setting}");
            if (await command.ExecuteScalarAsync() is not "on" and var other)
                throw new CannotMeasureException($"PostgreSQL has {setting}={other}: nothing would be durable.");
        }
    }

    private async Task<LocalNode> Start(string program, string? database, IReadOnlyList<string> settings)
    {
        Say(database is null ? "starting a node on SQLite" : "starting a node on PostgreSQL");
        var node = await LocalNode.Start(
            program,
            cpus: null,
            database is null ? settings : [.. settings, .. LocalNode.InCluster(database)],
            Credentials
        );
        try
        {
            await BeReady(node);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }
}
