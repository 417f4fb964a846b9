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
        await using var first = await SessionPool.ConnectAsync(database, cancellationToken);
        var session = await SessionOfAsync(first, cancellationToken);
        if (session == first.ProcessID) return Pooling.None;
        await using var second = await SessionPool.ConnectAsync(database, cancellationToken);
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

    static async Task<int> SessionOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
