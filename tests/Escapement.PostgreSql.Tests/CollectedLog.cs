using Microsoft.Extensions.Logging;

namespace Escapement.PostgreSql.Tests;

/// <summary>Keeps the lines of a log.</summary>
/// <param name="also">Notified of each line, or null.</param>
sealed class CollectedLog(Action<string>? also = null) : ILoggerProvider, ILogger<PostgreSqlStore>
{
    readonly Lock gate = new();
    readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate) return [.. lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        lock (gate) lines.Add(line);
        also?.Invoke(line);
    }

    public void Dispose()
    {
    }
}
