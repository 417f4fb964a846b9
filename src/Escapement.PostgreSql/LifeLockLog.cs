using Microsoft.Extensions.Logging;

namespace Escapement.PostgreSql;

/// <summary>The log events of the life locks.</summary>
static partial class LifeLockLog
{
    [LoggerMessage(505, LogLevel.Warning,
        "The session that proves the life of this process was lost, and begins anew: {Why}. Until then the heartbeats prove that the process lives.")]
    public static partial void Lost(ILogger logger, string why);

    [LoggerMessage(513, LogLevel.Warning,
        "The session that watches the life of the next process was lost, and cannot begin anew: {Why}. Until then the runs of that process are settled after its lease if the process is killed.")]
    public static partial void NotWatching(ILogger logger, string why);

    [LoggerMessage(506, LogLevel.Warning,
        "A connection pooler is between this process and PostgreSQL, so no lock shows the end of a process, and the runs of a killed process are settled after the lease of {Lease}. A direct connection to the server settles them within a second.")]
    public static partial void Pooled(ILogger logger, TimeSpan lease);
}
