using Microsoft.Extensions.Logging;

namespace Escapement.Sqlite;

/// <summary>The store's log events.</summary>
static partial class SqliteLog
{
    [LoggerMessage(401, LogLevel.Warning,
        "Notifications reach this process only, and other processes notice changes at their next heartbeat: the notification folder {Folder} is unavailable: {Why} The next attempt is in 5 s.")]
    public static partial void NotifierUnavailable(ILogger logger, string folder, string why);

    [LoggerMessage(402, LogLevel.Error, "A listener threw an exception while handling a notification. Notifications continue.")]
    public static partial void ListenerThrew(ILogger logger, Exception exception);
}
