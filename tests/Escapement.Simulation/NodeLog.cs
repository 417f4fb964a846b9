using Microsoft.Extensions.Logging;

namespace Escapement.Simulation;

/// <summary>Adds the log messages of a node to the story.</summary>
sealed class NodeLog(SimulatedNode node) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => node.IsTold;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter) =>
        node.Tell($"says: {formatter(state, exception)}{(exception is null ? "" : $" {exception.GetType().Name}: {exception.Message}")}");
}
