namespace Escapement.Sqlite;

// Recorded changes.
static partial class SqliteStatements
{
    const string ActionColumns = """
        select number, at, kind, job, change, version, moved_from, moved_to, by, why, until, origin, definition_before, definition_after,
            scope, scope_name
        from action
        """;

    public static readonly Sql AddAction = new("""
        insert into action(at, kind, job, change, version, moved_from, moved_to, by, why, until, origin, definition_before, definition_after,
            scope, scope_name)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """);

    public static readonly Sql Actions = new(ActionColumns + " where ?1 is null or job is null or job = ?1 order by number");

    public static readonly Sql ActionAt = new("select 1 from action where at = ? limit 1");

    // newest first, without the changes of the jobs of a paused or resumed tag or executor. ?1 the exclusive upper
    // number, ?2 and ?3 the span, ?4 the limit
    public static readonly Sql NewestActions = new(
        ActionColumns + " where number < ?1 and at >= ?2 and at < ?3 and (job is null or scope is null) order by number desc limit ?4");

    public static readonly Sql NewestActionsOfJob = new(
        ActionColumns + " where number < ?1 and at >= ?2 and at < ?3 and job = ?5 order by number desc limit ?4");
}
