using Microsoft.Extensions.Logging;

namespace Escapement.Core.Tests.Engine;

/// <summary>A logger that keeps the log lines.</summary>
sealed class ListLogger(List<string> lines) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter)
    {
        lock (lines) lines.Add(formatter(state, exception));
    }
}
