using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>How a connection gets its session of the server.</summary>
enum Pooling
{
    /// <summary>The connection is connected to the server itself.</summary>
    None,

    /// <summary>A pooler gives the connection a session for its whole life.</summary>
    Connections,

    /// <summary>A pooler gives each transaction another session, so that nothing of a session outlives a transaction.</summary>
    Transactions,
}

/// <summary>Finds a pooler between this process and the server.</summary>
static class PoolerCheck
{
    const int Rounds = 8;

    /// <summary>Finds a pooler. The server process that a connection was told is the process of its session only without a
    /// pooler. If two connections share a session, or a connection changes its session, then the sessions belong to
    /// transactions. A pooler with nothing else to do gives both connections the same session, and a busy pooler
    /// changes sessions.</summary>
    public static async Task<Pooling> FindAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var first = await ConnectAsync(database, cancellationToken);
        var session = await SessionOfAsync(first, cancellationToken);
        if (session == first.ProcessID) return Pooling.None;
        await using var second = await ConnectAsync(database, cancellationToken);
        var other = await SessionOfAsync(second, cancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            if (session == other || await SessionOfAsync(first, cancellationToken) != session
                || await SessionOfAsync(second, cancellationToken) != other)
            {
                return Pooling.Transactions;
            }
        }

        return Pooling.Connections;
    }

    /// <summary>Opens a connection outside of the caller's <see cref="System.Transactions.TransactionScope"/>, which would undo
    /// the settings and the operations of a session.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (System.Transactions.Transaction.Current is null) return await database.OpenConnectionAsync(cancellationToken);
        Task<NpgsqlConnection> opening;
        AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        using (suppressed)
            opening = Task.Run(() => database.OpenConnectionAsync(cancellationToken).AsTask(), cancellationToken);
        return await opening;
    }

    static async Task<int> SessionOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
