using System.Runtime.CompilerServices;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The identity of a database: the number of its cluster, which the replicas share, and the number of the database in the
/// cluster. Addresses do not tell, because a pooler has an address of its own.</summary>
static class DatabaseIdentity
{
    static readonly Sql IsReadable = new("""
        select coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_control_system()'), 'execute'), false)
        """);

    static readonly Sql Select = new("""
        select c.system_identifier || '/' || d.oid from pg_catalog.pg_control_system() c, pg_catalog.pg_database d
        where d.datname = current_database()
        """);

    // An opened connection stays in its database.
    static readonly ConditionalWeakTable<NpgsqlConnection, Known> Connections = [];

    sealed record Known(int Process, string Database, string? Identity);

    /// <summary>Returns the identity, or null if the role may not read it.</summary>
    public static async Task<string?> FindAsync(Session db) => await db.FirstAsync(IsReadable, static row => row.Bool(0))
        ? await db.FirstAsync(Select, static row => row.Text(0))
        : null;

    /// <summary>Returns the identity, or null if the role may not read it. Reads the identity once for each opening of a
    /// connection.</summary>
    public static async Task<string?> OfConnectionAsync(Session db)
    {
        var (process, database) = (db.Connection.ProcessID, db.Connection.Database);
        if (Connections.TryGetValue(db.Connection, out var known) && known.Process == process && known.Database == database)
            return known.Identity;
        var found = await FindAsync(db);
        Connections.AddOrUpdate(db.Connection, new(process, database, found));
        return found;
    }
}
