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

    [LoggerMessage(507, LogLevel.Warning,
        "A connection pooler between this process and PostgreSQL gives each transaction another session. No notification arrives, so the changes of other processes are noticed at the next heartbeat, after up to {Beat}. No lock shows the end of a process, so the runs of a killed process are settled after the lease of {Lease}. No statement is prepared, so claims are slower. Connect to the server itself, or to a port of the pooler with pool_mode = session, if this matters.")]
    public static partial void Pooled(ILogger logger, TimeSpan beat, TimeSpan lease);

    [LoggerMessage(509, LogLevel.Warning,
        "The store had values that no process writes, for example after a manual edit. They were corrected: {Values}. Further corrections: {More}.")]
    public static partial void Corrected(ILogger logger, string values, int more);

    [LoggerMessage(510, LogLevel.Error, "Jobs are set aside, and all other jobs go on. {Values} Further jobs: {More}.")]
    public static partial void SetAside(ILogger logger, string values, int more);

    [LoggerMessage(511, LogLevel.Warning,
        "The role may not add the daily partitions of the history, so that expired runs are deleted one by one, which is slow. An operator changes the owner with: alter table {Schema}.run owner to {Role}; grant create on schema {Schema} to {Role}.")]
    public static partial void NoPartitions(ILogger logger, string schema, string role);

    [LoggerMessage(512, LogLevel.Warning,
        "The role may not vacuum the tables of the store, so that autovacuum alone removes their dead rows, and claims are slower with thousands of runs a second. An operator changes the owner with: alter table {Schema}.due owner to {Role}; alter table {Schema}.running owner to {Role}.")]
    public static partial void NoVacuum(ILogger logger, string schema, string role);

    [LoggerMessage(508, LogLevel.Error,
        "Another server has taken over the database: its timeline is {Timeline}, and was {Before}. The last commits of the old server may be missing. This process drops what it has claimed and not started, cancels what runs, and begins a new epoch. Fire times whose runs the new server does not know run again. Only synchronous replication prevents this.")]
    public static partial void FailedOver(ILogger logger, long before, long timeline);
}
