using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>
/// Shields the engine from log providers: a provider that throws harms no run and ends no loop. The failure is logged
/// to the other providers.
/// </summary>
/// <param name="inner">The log of the host.</param>
sealed class SafeLog(ILogger inner) : ILogger
{
    /// <summary>The number of lost lines after which the failure is logged again.</summary>
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
            // A single provider may have thrown. The other providers get the line.
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
            // The failing provider threw again. The other providers have the line.
        }
    }
}
