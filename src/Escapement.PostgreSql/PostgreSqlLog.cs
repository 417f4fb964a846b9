using Microsoft.Extensions.Logging;

namespace Escapement.PostgreSql;

/// <summary>The store's log events.</summary>
static partial class PostgreSqlLog
{
    [LoggerMessage(501, LogLevel.Warning,
        "Notifications of other processes do not arrive, and their changes are noticed at the next heartbeat: {Why}. The connection is tried again every {Pause}.")]
    public static partial void NotListening(ILogger logger, string why, TimeSpan pause);

    [LoggerMessage(502, LogLevel.Information, "Notifications of other processes arrive again.")]
    public static partial void ListensAgain(ILogger logger);

    [LoggerMessage(503, LogLevel.Error, "A listener threw an exception while handling a notification. Notifications continue.")]
    public static partial void ListenerThrew(ILogger logger, Exception exception);

    [LoggerMessage(504, LogLevel.Warning,
        "A notification could not be sent, and other processes notice the change at their next heartbeat: {Why}.")]
    public static partial void NotSent(ILogger logger, string why);
}
