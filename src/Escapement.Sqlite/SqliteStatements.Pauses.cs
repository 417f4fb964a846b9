namespace Escapement.Sqlite;

// Pauses.
static partial class SqliteStatements
{
    const string PauseColumns = "select scope, name, at, until, by, why, action, of_scope, of_name, failures, ended from pause";

    public static readonly Sql OpenPause = new("""
        insert into pause(scope, name, at, until, by, why, action, of_scope, of_name, failures)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict(scope, name, at) do update set until = excluded.until, by = excluded.by, why = excluded.why, action = excluded.action,
            of_scope = excluded.of_scope, of_name = excluded.of_name, failures = excluded.failures, ended = null
        """);

    public static readonly Sql ClosePause = new("update pause set ended = ? where scope = ? and name = ? and ended is null");

    public static readonly Sql Pauses = new(PauseColumns + """
         where (?1 is null or scope <> 1 or name = ?1) and at < ?3 and (ended is null or ended >= ?2) order by at, action, scope, name
        """);

    public static readonly Sql OpenPauses = new(PauseColumns + " where ended is null order by at, action, scope, name");

    // of tags and executors
    public static readonly Sql OpenScopes = new(PauseColumns + " where ended is null and scope >= 2 order by at, action, scope, name");
}
