using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace GlueOrleans.Tests.Support;

/// <summary>
/// A PostgreSQL server on loopback, in a folder that is gone with it. It is <c>deploy/postgres</c> that runs it, and that ends
/// it and removes the folder when its input ends: also when this process dies.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(() => Start());

    private readonly string _folder;
    private readonly bool _isFsyncOn;
    private readonly string? _password;
    private readonly int _maxConnections;
    private Process? _process;
    private int _databases;

    private PostgresServer(string folder, bool isFsyncOn, string? password, int maxConnections)
    {
        _folder = folder;
        _isFsyncOn = isFsyncOn;
        _password = password;
        _maxConnections = maxConnections;
    }

    public int Port { get; private set; }

    /// <summary>The server that the tests of this process share, and that ends with it. Each of their classes has a database of its own in it.</summary>
    public static Task<PostgresServer> Shared => SharedServer.Value;

    /// <param name="isFsyncOn">Off: faster, and nobody pulls the plug in a test.</param>
    /// <param name="password">Of the user <c>glue</c>; <c>null</c>: none is asked for.</param>
    /// <param name="maxConnections">At a time.</param>
    public static async Task<PostgresServer> Start(
        bool isFsyncOn = false,
        string? password = null,
        int maxConnections = 200
    )
    {
        // Not created here: root's server runs as another user, who has to own it.
        var folder = Path.Combine(Path.GetTempPath(), $"glue-postgres-{Guid.NewGuid():N}");
        var server = new PostgresServer(folder, isFsyncOn, password, maxConnections);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                server.Port = FreePort.Next();
                await server.Run();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Somebody else may have taken the port.
            }
        }
    }

    /// <summary>Starts it again, on the same port, after <see cref="Stop"/> or <see cref="Kill"/>.</summary>
    public async Task Run()
    {
        List<string> arguments = ["run", _folder, "--port", Port.ToString(CultureInfo.InvariantCulture)];
        arguments.AddRange(["--temporary", "yes", "--fsync", _isFsyncOn ? "on" : "off"]);
        arguments.AddRange(["--max-connections", _maxConnections.ToString(CultureInfo.InvariantCulture)]);
        var passwordFile = $"{_folder}.password";
        if (_password is not null)
        {
            await File.WriteAllTextAsync(passwordFile, _password);
            arguments.AddRange(["--password", passwordFile]);
        }

        var process = Process.Start(
            new ProcessStartInfo(Script, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var line = await process.StandardOutput.ReadLineAsync();
        File.Delete(passwordFile);
        if (line?.StartsWith("ready ", StringComparison.Ordinal) != true)
            throw new InvalidOperationException($"PostgreSQL did not start: {await errors}");
        _process = process;
    }

    /// <summary>A new, empty database. Answers with its connection string.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Username = "glue",
            Password = _password,
            Database = database,
            // The server is short-lived and has many clients.
            MaxPoolSize = 16,
        }.ToString();

    /// <summary>Cuts the sessions; what is committed is on disk.</summary>
    public Task Stop() => End("stop");

    /// <summary>As a crash of the server would, with SIGKILL.</summary>
    public Task Kill() => End("kill");

    /// <summary>Stops it and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndInput();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private async Task End(string verb)
    {
        using (var ending = Process.Start(Script, [verb, _folder]))
            await ending.WaitForExitAsync();
        if (_process is not null)
            await _process.StandardInput.WriteLineAsync("keep");
        await EndInput();
    }

    private async Task EndInput()
    {
        if (_process is not { } running)
            return;
        running.StandardInput.Close();
        await running.WaitForExitAsync();
        running.Dispose();
        _process = null;
    }

    private static string Script
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "GlueOrleans.sln")))
                    return Path.Combine(folder.FullName, "deploy", "postgres");
            }

            throw new InvalidOperationException($"'{AppContext.BaseDirectory}' is in no checkout of the project.");
        }
    }
}
