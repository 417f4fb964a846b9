using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Escapement.Sqlite;

/// <summary>A connection with its prepared statements. Used by one thread at a time.</summary>
sealed class SqliteSession : IDisposable
{
    /// <summary>How long SQLite waits for writers outside the write queue, such as a <c>sqlite3</c> shell.</summary>
    const string Wait = "pragma busy_timeout = 400";

    readonly SqliteConnection connection;
    readonly bool owned;
    Statement?[] statements = new Statement?[Sql.Count];

    /// <summary>Opens a connection owned by the store.</summary>
    public SqliteSession(string path, SqliteOpenMode mode)
    {
        (Path, owned) = (path, true);
        connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            // Plans do not depend on bound values. Without this setting, a statement with "limit ?" is parsed again
            // for each use, at ten times the
            // cost.
            SqliteException.ThrowExceptionForRC(raw.sqlite3_db_config(Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _), Handle);
            Execute(Wait);
            // FULL instead of NORMAL: a power failure must not revert a claim.
            Execute("pragma synchronous = full");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Uses the connection of a caller, inside the caller's open transaction.</summary>
    public SqliteSession(SqliteConnection connection, string path) => (this.connection, Path, owned) = (connection, path, false);

    /// <summary>The store's file, for messages.</summary>
    public string Path { get; }

    public sqlite3 Handle => connection.Handle!;

    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    public bool ReadOnly => raw.sqlite3_db_readonly(Handle, "main") == 1;

    /// <summary>Returns the prepared statement, ready for binding.</summary>
    public Statement this[Sql sql]
    {
        get
        {
            if (sql.Number >= statements.Length) Array.Resize(ref statements, Sql.Count);
            if (statements[sql.Number] is { } statement) return statement.Reset();
            return statements[sql.Number] = new(Handle, sql.Text);
        }
    }

    /// <summary>Runs a statement that is used only once.</summary>
    public void Execute(string sql)
    {
        using var statement = new Statement(Handle, sql);
        statement.Run();
    }

    public long Pragma(string sql)
    {
        using var statement = new Statement(Handle, sql);
        return statement.Scalar() ?? 0;
    }

    public string PragmaText(string sql)
    {
        using var statement = new Statement(Handle, sql);
        return statement.Read() ? statement.Text(0) : "";
    }

    public void Begin() => this[SqliteStatements.Begin].Run();

    public void BeginRead() => this[SqliteStatements.BeginRead].Run();

    public void Commit()
    {
        Rest();
        this[SqliteStatements.Commit].Run();
    }

    /// <summary>Rolls back the open transaction. Never throws, because another exception is already being
    /// handled.</summary>
    public void Rollback()
    {
        Rest();
        if (InTransaction) raw.sqlite3_exec(Handle, "rollback");
    }

    // A statement in the middle of its rows would keep its snapshot beyond the transaction.
    void Rest()
    {
        foreach (var statement in statements) statement?.Reset();
    }

    public void Dispose()
    {
        foreach (var statement in statements) statement?.Dispose();
        Array.Clear(statements);
        if (owned) connection.Dispose();
    }
}
