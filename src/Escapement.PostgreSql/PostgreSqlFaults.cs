using System.Globalization;
using System.Net.Sockets;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Turns errors of PostgreSQL and its driver into messages: what was tried, what PostgreSQL answered, and the remedy. No
/// message contains a password.</summary>
/// <param name="place">The database, for people.</param>
/// <param name="settings">The connection.</param>
/// <param name="schema">The schema.</param>
sealed class PostgreSqlFaults(string place, NpgsqlConnectionStringBuilder settings, string schema)
{
    const string ReadOnly = "25006", SequenceAtEnd = "2200H";

    readonly string user = RoleOf(settings), database = settings.Database ?? RoleOf(settings);

    string Role => settings.Username is null ? $"the role '{user}', because the connection string has no Username," : $"the role '{user}'";

    /// <summary>Returns the role of a connection. Without a user, the driver takes the user of the operating system.</summary>
    public static string RoleOf(NpgsqlConnectionStringBuilder settings) =>
        settings.Username ?? Environment.GetEnvironmentVariable("PGUSER") ?? Environment.UserName;

    /// <summary>Returns a name as a part of a statement.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Returns the exception for an error, or the error itself if it is not one of the database.</summary>
    /// <param name="error">The error.</param>
    /// <param name="opens">True while the store is opened, so that an error that only an operator can end refuses the start.</param>
    public Exception Of(Exception error, bool opens = false) => error switch
    {
        PostgresException postgres => Of(postgres, opens),
        NpgsqlException { InnerException: TimeoutException } => Unavailable(
            "did not answer in time. Check the load of the server, and whether a firewall drops the connection", error),
        NpgsqlException { InnerException: SocketException or IOException } => Unavailable(
            $"cannot be reached: {error.InnerException!.Message.TrimEnd('.')}. Check the host, the port, and that the server runs", error),
        NpgsqlException { InnerException: { } inner } =>
            Unavailable($"cannot be used: {error.Message.TrimEnd('.')}: {inner.Message}", error),

        // The driver and the server do not agree: no password, or no encryption.
        NpgsqlException { IsTransient: false } when opens && error.Message.Contains("requ", StringComparison.Ordinal) => Refused(
            $"The store {place} cannot be opened as {Role}: {error.Message.TrimEnd('.')}. {Lacking(error.Message)}", error),
        NpgsqlException => Unavailable($"cannot be used: {error.Message}", error),
        SocketException or IOException or TimeoutException => Unavailable($"cannot be reached: {error.Message}", error),
        _ => error,
    };

    static string Lacking(string message) => message.Contains("password", StringComparison.OrdinalIgnoreCase)
        ? "Give Password in the connection string, or PGPASSWORD or PGPASSFILE in the environment."
        : "Check the SSL Mode of the connection string.";

    Exception Of(PostgresException error, bool opens)
    {
        var answer = string.Create(CultureInfo.InvariantCulture, $"PostgreSQL answered: {error.MessageText} ({error.SqlState}).");
        return error.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => OfOperator(opens,
                $"cannot be opened as {Role}. {answer} Check the user and the password of the connection string, and the server's pg_hba.conf", error),
            PostgresErrorCodes.InvalidCatalogName => OfOperator(opens,
                $"cannot be opened: the database does not exist. {answer} Create it with: {CreateDatabase(database)}. Or change the database in the connection string", error),
            PostgresErrorCodes.InsufficientPrivilege => OfOperator(opens,
                $"cannot be used: {Role} lacks a right on the schema '{schema}' or its tables. {answer} To create the schema, the role needs: grant create on database {Quoted(database)} to {Quoted(user)}. {Grants}", error),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction
                or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.DatatypeMismatch => OfOperator(opens,
                $"has a schema '{schema}' that is not as this version of Escapement needs it. {answer} Restore the table or column, or restore a backup", error),
            ReadOnly when opens => Refused(
                $"The store {place} is read-only. {answer} Connect to the primary server, not to a replica (Target Session Attributes=primary), and as a role that may write.", error),
            ReadOnly => Unavailable($"is read-only. {answer} Connect to the primary server, not to a replica", error),
            PostgresErrorCodes.LockNotAvailable => Unavailable(
                $"did not get a lock in time, which another transaction holds. {answer} Find it with: select pid, state, query from pg_stat_activity where state <> 'idle'. Nothing was changed", error),
            PostgresErrorCodes.TooManyConnections => Unavailable(
                $"has no free connection. {answer} Raise max_connections, or lower the connections of its programs", error),
            PostgresErrorCodes.DiskFull => Unavailable(
                $"cannot be written: its disk is full. {answer} Nothing was changed. Free some disk space, and work continues automatically", error),
            PostgresErrorCodes.ProtocolViolation when opens && error.MessageText.Contains("startup parameter", StringComparison.Ordinal) =>
                Refused($"The store {place} cannot be opened: a pooler refuses a setting of the connection string. {answer} Remove the setting, such as Options or Search Path, or add the parameter to ignore_startup_parameters of pgbouncer.", error),
            SequenceAtEnd => Unavailable(
                $"has a sequence at its end. {answer} Set the sequence to the largest number in use, the sequence token for example with: select setval('{Quoted(schema)}.token', greatest(1, (select max(token) from {Quoted(schema)}.run), (select max(token) from {Quoted(schema)}.running))). Nothing was changed", error),
            PostgresErrorCodes.NotNullViolation => Unavailable(
                $"refuses each row of the table {error.TableName}. {answer} A column that was added to a table in the schema '{schema}' must have a default or allow null. Nothing was changed", error),
            PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement => Pooler(answer, error),
            _ when error.IsTransient || error.SqlState.StartsWith("57", StringComparison.Ordinal)
                || error.SqlState.StartsWith("08", StringComparison.Ordinal) || error.SqlState.StartsWith("53", StringComparison.Ordinal)
                || error.SqlState.StartsWith("58", StringComparison.Ordinal) || error.SqlState.StartsWith("40", StringComparison.Ordinal) =>
                Unavailable($"cannot be used now. {answer}", error),
            _ when IsOfARow(error) => Refused($"The store {place} rejected a statement. {answer} Nothing was changed.", error),
            _ => Unavailable($"rejected a statement. {answer} Nothing was changed", error),
        };
    }

    /// <summary>Returns the exception for what only an operator can end. It refuses a start. Later it is an outage, so that nothing that
    /// waits for the store is given up.</summary>
    Exception OfOperator(bool opens, string what, Exception inner) =>
        opens ? Refused($"The store {place} {what}.", inner) : Unavailable(what, inner);

    /// <summary>Returns true for an error of a row's values, which does not concern other rows.</summary>
    public static bool IsOfARow(PostgresException error) => error.SqlState is not (SequenceAtEnd or PostgresErrorCodes.NotNullViolation)
        && (error.SqlState.StartsWith("22", StringComparison.Ordinal) || error.SqlState.StartsWith("23", StringComparison.Ordinal));

    /// <summary>Returns true for an error that each later operation of the session would meet: the server has become read-only, or a
    /// prepared statement is missing or out of date.</summary>
    public static bool IsOfTheSession(string state) =>
        state is ReadOnly or PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.FeatureNotSupported;

    string Grants =>
        $"To use the schema of another role, the role needs: grant usage on schema {Quoted(schema)} to {Quoted(user)}; grant all on all tables in schema {Quoted(schema)} to {Quoted(user)}; grant all on all sequences in schema {Quoted(schema)} to {Quoted(user)}";

    /// <summary>Returns the command that creates a database for a store.</summary>
    public static string CreateDatabase(string name) => $"createdb --encoding=UTF8 --template=template0 {Quoted(name)}";

    /// <summary>Returns the exception for missing tables or columns.</summary>
    public StoreRefusedException Missing(string names) => Refused(
        $"The schema '{schema}' of the store {place} is not as this version of Escapement needs it. It lacks: {names}. Restore the table or column, or restore a backup.");

    /// <summary>Returns the exception for tables and sequences on which the role lacks a right.</summary>
    public StoreRefusedException Forbidden(string names) => Refused(
        $"The store {place} cannot be used: {Role} may not read and write in the schema '{schema}': {names}. {Grants}.");

    /// <summary>Returns the exception for a pooler that began to give each transaction another session while this process
    /// ran.</summary>
    StoreRefusedException Pooler(string answer, Exception inner) => Refused(
        $"The store {place} is behind a pooler that gives each transaction another session, which it did not when this process started. {answer} Restart the process.", inner);

    /// <summary>Returns the exception for the answer of a server that another server has replaced.</summary>
    public StoreUnavailableException Replaced() =>
        new($"The store {place} was moved to another server during the operation. The operation is repeated there.");

    /// <summary>Returns the exception for a transaction of a caller in another database.</summary>
    public InvalidOperationException OfAnotherDatabase(NpgsqlConnection connection) => new(string.Create(CultureInfo.InvariantCulture,
        $"The transaction is in the database {connection.Host}:{connection.Port}/{connection.Database}, but the store is in the database {place}. A transaction cannot change both, and nothing was changed. Begin the transaction on a connection to the database of the store, or move the store with STORE or UsePostgreSql."));

    /// <summary>Returns the message of an error as a part of a sentence, without a period.</summary>
    public static string Told(Exception error) =>
        (error is PostgresException { MessageText: var text } ? text : error.Message).ReplaceLineEndings(" ").TrimEnd('.');

    public static StoreRefusedException Refused(string message, Exception? inner = null) => new(message, inner);

    StoreUnavailableException Unavailable(string what, Exception inner) => new($"The store {place} {what.TrimEnd('.')}.", inner);

    /// <summary>Returns true if a transaction that ended with an error may succeed if it is repeated. Nothing was changed by it.</summary>
    public static bool IsWorthRepeating(Exception? error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation,
    };
}
