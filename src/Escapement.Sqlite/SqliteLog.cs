using Microsoft.Extensions.Logging;

namespace Escapement.Sqlite;

/// <summary>The store's log events.</summary>
static partial class SqliteLog
{
    [LoggerMessage(401, LogLevel.Warning,
        "Rings reach this process alone, and others notice its changes at their next beat: the doorbell's folder {Folder} cannot be used: {Why} It is tried again every 5 s.")]
    public static partial void NotifierUnavailable(ILogger logger, string folder, string why);

    [LoggerMessage(402, LogLevel.Error, "A listener of the doorbell threw; the bell goes on.")]
    public static partial void ListenerThrew(ILogger logger, Exception exception);
}
