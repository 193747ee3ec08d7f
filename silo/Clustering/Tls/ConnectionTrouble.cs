using System.Net;
using Microsoft.AspNetCore.Connections;

namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>Tells the operator why nodes do not come together. Orleans tries every second, so each reason is told once in a
/// while.</summary>
internal sealed partial class ConnectionTrouble(TimeProvider clock, ILogger<ConnectionTrouble> log)
{
    /// <summary>Between two lines of the same.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>Lines in that time. Whoever can connect decides how much there is to tell.</summary>
    private const int Most = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);

    /// <summary>Why a connection from elsewhere was refused: told, and to be thrown.</summary>
    public ConnectionAbortedException Refused(ConnectionContext connection, string why, Exception? cause = null)
    {
        // A client's port is another one each time.
        var from = (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "an unknown address";
        // Not by the reason, which has words of the certificate that was shown, and those may be others each time.
        if (IsNews($"from {from}"))
            LogRefused(from, why);
        var message = $"The connection from {from} was refused: {why}.";
        return cause is null ? new ConnectionAbortedException(message) : new ConnectionAbortedException(message, cause);
    }

    /// <summary>Why a connection to a silo was not made: told, and to be thrown.</summary>
    public ConnectionAbortedException NotMade(ConnectionContext connection, string why, Exception cause)
    {
        var to = connection.RemoteEndPoint?.ToString() ?? "an unknown address";
        if (IsNews($"to {to}: {why}"))
            LogNotMade(to, why);
        return new ConnectionAbortedException($"The connection to {to} was not made: {why}.", cause);
    }

    private bool IsNews(string what)
    {
        lock (_gate)
        {
            if (_told.TryGetValue(what, out var last) && clock.GetElapsedTime(last) < Pause)
                return false;
            if (_told.Count >= Most)
            {
                foreach (var (old, _) in _told.Where(told => clock.GetElapsedTime(told.Value) >= Pause).ToList())
                    _told.Remove(old);
            }

            if (_told.Count >= Most)
                return false;
            _told[what] = clock.GetTimestamp();
            return true;
        }
    }

    [LoggerMessage(67, LogLevel.Warning, "A connection from {Address} was refused: {Why}.")]
    private partial void LogRefused(string address, string why);

    [LoggerMessage(68, LogLevel.Warning, "The silo at {Address} cannot be talked to: {Why}.")]
    private partial void LogNotMade(string address, string why);
}
