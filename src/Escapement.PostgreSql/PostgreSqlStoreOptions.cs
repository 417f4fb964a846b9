using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Where a PostgreSQL store is, and how its sessions behave.</summary>
/// <param name="Database">The source of connections. The store does not dispose it.</param>
/// <param name="Lease">The scheduler's lease, above zero. No session holds locks for longer than a third of the lease.</param>
public sealed record PostgreSqlStoreOptions(NpgsqlDataSource Database, TimeSpan Lease)
{
    /// <summary>The schema by default.</summary>
    public const string DefaultSchema = "escapement";

    /// <summary>The minimum of <see cref="MaxSessions"/>.</summary>
    internal const int MinSessions = 2;

    /// <summary>The connections beside those for operations: the notifier and the life locks.</summary>
    internal const int OtherSessions = 3;

    /// <summary>The maximum length of the name of a schema in characters.</summary>
    public const int MaxSchemaLength = 63;

    /// <summary>Returns the options for a connection. The store opens and closes its own connections.</summary>
    /// <param name="connection">A connection string of Npgsql, or an address such as <c>postgresql://user@host/database</c>.</param>
    /// <param name="lease">The scheduler's lease, above zero.</param>
    /// <exception cref="FormatException">The text is neither. The message does not contain the text.</exception>
    public static PostgreSqlStoreOptions Of(string connection, TimeSpan lease)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connection);
        var settings = ConnectionText.Read(connection);

        // The sessions of the store stay open with their settings, so that a pool of the driver need not reset them.
        settings.NoResetOnClose = true;
        settings.Multiplexing = false;

        // The store prepares its statements itself, where a session keeps them.
        settings.MaxAutoPrepare = 0;
        // A transaction scope of the program would undo the settings and the operations of a session.
        settings.Enlist = false;

        // A commit, too, waits for no broken network until the lease is over.
        settings.CommandTimeout = SecondsOf(lease);

        // The driver refuses this key with a single host, whose role the store checks itself.
        if (settings.Host?.Contains(',', StringComparison.Ordinal) != true) settings.Remove("Target Session Attributes");
        try
        {
            return new(new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "escapement" }.Build(), lease) { OwnsDatabase = true };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // These messages of the driver name keys.
            throw new FormatException($"The connection of the store cannot be used: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>The maximum time for which the server executes a statement of a session: a third of the lease, and at least a
    /// second.</summary>
    internal static TimeSpan LimitOf(TimeSpan lease) => TimeSpan.FromTicks(Math.Max(lease.Ticks / 3, TimeSpan.TicksPerSecond));

    /// <summary>The time in seconds for which a session waits for an answer. The server ends a statement before.</summary>
    internal static int SecondsOf(TimeSpan lease) => 2 + (int)Math.Ceiling(LimitOf(lease).TotalSeconds);

    /// <summary>Returns true if a text names a PostgreSQL database, and not a file.</summary>
    /// <param name="text">The text.</param>
    public static bool IsConnection(string? text) =>
        text is not null && (ConnectionText.IsAddress(text)
            || text.Split(';').Any(part => part.Split('=') is [var name, _, ..] && name.Trim().ToUpperInvariant() is "HOST" or "SERVER"));

    /// <summary>The source of connections.</summary>
    public NpgsqlDataSource Database { get; } = Database ?? throw new ArgumentNullException(nameof(Database));

    /// <summary>True if the store was given the source alone, and disposes it.</summary>
    internal bool OwnsDatabase { get; init; }

    /// <summary>The scheduler's lease.</summary>
    public TimeSpan Lease { get; } = Lease > TimeSpan.Zero
        ? Lease
        : throw new ArgumentOutOfRangeException(nameof(Lease), Lease,
            $"The lease is {Lease}. The lease must be above zero, such as 15 seconds.");

    /// <summary>The schema of the store's tables, by default <c>escapement</c>: lower-case letters, digits and <c>_</c>, beginning with
    /// a letter. Two stores in a database have two schemas.</summary>
    /// <exception cref="ArgumentException">The name is not such a name, or is longer than <see cref="MaxSchemaLength"/>.</exception>
    public string Schema
    {
        get;
        init => field = IsSchema(value) ? value : throw new ArgumentException(
            $"The schema is '{value}'; up to {MaxSchemaLength} lower-case letters, digits and _ are allowed, beginning with a letter, and not with pg_.",
            nameof(value));
    } = DefaultSchema;

    /// <summary>How long a node leaves the due fire times of another node's share to that node, zero or more. By default 200
    /// milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is below zero or above a minute.</exception>
    public TimeSpan SharePatience
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromMinutes(1) ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"SharePatience is {value}; zero to a minute is allowed.");
    } = TimeSpan.FromMilliseconds(200);

    /// <summary>The maximum time for which a statement waits for rows that another transaction holds, from 0.1 to 10 seconds. By
    /// default half a second. A plan of a claim is written within twice this time, or planned again.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is out of range.</exception>
    public TimeSpan LockWait
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(0.1) && value <= TimeSpan.FromSeconds(10) ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"LockWait is {value}; 0.1 to 10 seconds is allowed.");
    } = TimeSpan.FromSeconds(0.5);

    /// <summary>True if a single process at a time is active, and the others are on standby. By default every process is
    /// active. The same for all processes of a store.</summary>
    public bool IsSingleActive { get; init; }

    /// <summary>True for a program that reads and changes the store of another application and runs no job, such as the
    /// <c>escapement</c> tool. The store and its schema must exist, and are not migrated.</summary>
    public bool AsGuest { get; init; }

    /// <summary>True to take the time from the program's <see cref="TimeProvider"/>. By default the clock of the database decides, so
    /// that the clocks of the machines do not matter. For tests with a clock of their own.</summary>
    public bool UsesClockOfProgram { get; init; }

    /// <summary>The maximum number of connections for operations, 2 or more. By default 8. The notifier has a connection besides, and
    /// the life locks have two. A source of connections with a smaller <c>Maximum Pool Size</c> gives correspondingly fewer connections
    /// to operations.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 2.</exception>
    public int MaxSessions
    {
        get;
        init => field = value >= MinSessions ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"MaxSessions is {value}; {MinSessions} or more is allowed.");
    } = 8;

    /// <summary>The number of claimed runs of all nodes after which a node vacuums the tables of claims.</summary>
    internal int VacuumAfter { get; init; } = 40_000;

    /// <summary>The size in bytes above which the history of a past day gets an index by job: about 10,000 runs.</summary>
    internal long MinIndexed { get; init; } = 2_000_000;

    /// <summary>The number of connections for operations that the source can open beside the others.</summary>
    internal int Sessions => Math.Clamp(PoolSize - OtherSessions, MinSessions, MaxSessions);

    /// <summary>The maximum number of connections of the source.</summary>
    internal int PoolSize => new NpgsqlConnectionStringBuilder(Database.ConnectionString) is { Pooling: true, MaxPoolSize: var size }
        ? size
        : int.MaxValue;

    /// <summary>Returns true if a text is the name of a schema that a store accepts.</summary>
    /// <param name="schema">The text.</param>
    public static bool IsSchema(string? schema) => schema is { Length: >= 1 and <= MaxSchemaLength } && schema[0] is >= 'a' and <= 'z'
        && !schema.StartsWith("pg_", StringComparison.Ordinal)
        && schema.All(sign => sign is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');
}
