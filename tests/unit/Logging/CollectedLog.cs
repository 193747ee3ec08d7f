using Microsoft.Extensions.Logging;

namespace GlueOrleans.Tests.Unit.Logging;

/// <summary>What was logged.</summary>
internal sealed class CollectedLog
{
    private readonly Lock _gate = new();
    private readonly List<(LogLevel Level, string Line)> _lines = [];

    public IReadOnlyList<string> AtLeastWarnings
    {
        get
        {
            lock (_gate)
                return [.. _lines.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Line)];
        }
    }

    public void Clear()
    {
        lock (_gate)
            _lines.Clear();
    }

    public ILogger<T> For<T>() => new Log<T>(this);

    private sealed class Log<T>(CollectedLog all) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (all._gate)
                all._lines.Add((logLevel, formatter(state, exception)));
        }
    }
}
