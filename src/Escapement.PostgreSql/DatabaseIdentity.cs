namespace Escapement.PostgreSql;

/// <summary>The identity of a database: the number of its cluster, which the replicas share, and the number of the database in the
/// cluster. Addresses do not tell, because a pooler has an address of its own.</summary>
static class DatabaseIdentity
{
    static readonly Sql IsReadable = new("select has_function_privilege('pg_catalog.pg_control_system()', 'execute')");

    static readonly Sql Select = new("""
        select c.system_identifier || '/' || d.oid from pg_catalog.pg_control_system() c, pg_catalog.pg_database d
        where d.datname = current_database()
        """);

    /// <summary>Returns the identity, or null if the role may not read it.</summary>
    public static async Task<string?> FindAsync(Session db) =>
        await db.FirstAsync(IsReadable, static row => row.Bool(0)) ? await ReadAsync(db) : null;

    /// <summary>Returns the identity.</summary>
    public static Task<string?> ReadAsync(Session db) => db.FirstAsync(Select, static row => row.Text(0));
}
