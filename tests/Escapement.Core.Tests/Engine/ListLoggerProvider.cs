using Microsoft.Extensions.Logging;

namespace Escapement.Core.Tests.Engine;

/// <summary>Creates loggers that keep the log lines of a host.</summary>
sealed class ListLoggerProvider(List<string> lines) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ListLogger(lines);

    public void Dispose()
    {
    }
}
