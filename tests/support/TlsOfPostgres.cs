using System.Text;
using Npgsql;

namespace GlueOrleans.Tests.Support;

/// <summary>Gives a server that runs a certificate.</summary>
public static class TlsOfPostgres
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Returns when the server takes connections over TLS. It goes on taking others.</summary>
    /// <param name="server">Its superuser is let in.</param>
    /// <param name="certificate">PEM.</param>
    /// <param name="key">PEM.</param>
    public static async Task UseTls(this PostgresServer server, string certificate, string key)
    {
        ArgumentNullException.ThrowIfNull(server);
        var database = server.ConnectionString("postgres");
        await using (var source = NpgsqlDataSource.Create(database))
        {
            // The server's own user has to own the files: so the server writes them.
            foreach (var (name, text) in new[] { ("server.crt", certificate), ("server.key", key) })
            {
                var coded = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
                await Execute(source, $"COPY (SELECT '{coded}') TO PROGRAM 'base64 -d >{name} && chmod 600 {name}'");
            }

            await Execute(source, "ALTER SYSTEM SET ssl = on");
            await Execute(source, "SELECT pg_reload_conf()");
        }

        var begun = TimeProvider.System.GetTimestamp();
        while (!await Takes(database + ";SSL Mode=Require;Pooling=false"))
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"PostgreSQL takes no connection over TLS after {Patience}.");
        }
    }

    private static async Task<bool> Takes(string connectionString)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
