using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>The engine's log: a provider that throws harms no run and ends no loop, and is told to the other providers.</summary>
/// <param name="inner">The host's log.</param>
sealed class SafeLog(ILogger inner) : ILogger
{
    /// <summary>After so many lines that were lost the failure is told again.</summary>
    const int ToldAgainAfter = 1_000;

    int failures;

    /// <summary>Returns a log that never throws.</summary>
    public static ILogger Over(ILogger log) => log as SafeLog ?? new SafeLog(log);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        try
        {
            return inner.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            // One of several providers may have thrown: the others get their line.
            return true;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception e)
        {
            Tell(Failure.MessageOf(e));
        }
    }

    void Tell(string message)
    {
        var count = Interlocked.Increment(ref failures);
        if (count % ToldAgainAfter != 1) return;
        try
        {
            Escapement.Log.ProviderThrew(inner, count, message);
        }
        catch (Exception)
        {
            // The failing provider threw again; the others have the line.
        }
    }
}
