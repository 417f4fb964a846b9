namespace Escapement.PostgreSql;

/// <summary>Finds at the opening of a store what an operation would otherwise find later: a missing column or table, or a missing
/// right.</summary>
static class SchemaCheck
{
    /// <summary>The tables of the newest version with their columns.</summary>
    public const string Tables = """
        action: number at kind job change version moved_from moved_to by why until origin definition_before definition_after scope scope_name
        attempt: fire_time job number attempt epoch started_at finished_at outcome reason error
        definition: job version accounts_from accounts_to definition
        due: job queue share at next last_fire running blocked change stamp entry_last entry_change
        entry: last job first change reason cause
        epoch: number node pid host started_at life_lock begun with_lock lease beat last_sign ended how ended_by drain_until probes claims state
        job: number id definition version marked_at trimmed ended failures
        key: job key fire_time number lasts until
        mark: number kind from_at to_at epoch
        node: id pid host started_at life_lock declares handlers
        pause: scope name at until by why action of_scope of_name failures ended
        queue: number executor priority
        run: fire_time job number epoch token attempt claimed_at started_at finished_at outcome reason error cause history
        run_args: fire_time job number args kwargs
        running: job fire_time number epoch claim token attempt claimed_at grace_from args kwargs watched has_key cause
        state: one version application number stamp probes shut_down paused_from paused_to paused_action declared complete_since
        waiting: fire_time job number queue share due attempt args kwargs watched has_key blocked cause
        """;

    // The relations are found by their names, because the catalogue of a database may have very many relations in other schemas, and
    // has no index by schema alone.
    static readonly Sql Present = new("""
        select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
            join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = any($2::name[]) and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0
            and not a.attisdropped
        """);

    static readonly Sql Forbidden = new("""
        select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = any($2::name[] || array['token', 'enqueued']::name[])
            and (c.relkind in ('r', 'p') and not c.relispartition
                and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
                    and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))
            or c.relkind = 'S' and not (has_sequence_privilege(c.oid, 'usage') and has_sequence_privilege(c.oid, 'update')))
        order by c.relname
        """);

    /// <summary>Returns the columns that a schema lacks, as <c>table.column</c>, or as <c>table</c> for a whole table.</summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(Session db, string schema)
    {
        var present = (await db.QueryAsync(Present, static row => row.Text(0), schema, Names)).ToHashSet(StringComparer.Ordinal);
        List<string> missing = [];
        foreach (var (table, columns) in All)
        {
            List<string> absent = [.. columns.Where(column => !present.Contains($"{table}.{column}")).Select(column => $"{table}.{column}")];
            if (absent.Count == columns.Length) missing.Add(table);
            else missing.AddRange(absent);
        }

        return missing;
    }

    /// <summary>Returns the tables and sequences on which the role lacks a right.</summary>
    public static Task<List<string>> ForbiddenAsync(Session db, string schema) =>
        db.QueryAsync(Forbidden, static row => row.Text(0), schema, Names);

    static string?[] Names => [.. All.Select(table => table.Table)];

    static IEnumerable<(string Table, string[] Columns)> All => Tables.Split('\n')
        .Select(line => line.Trim().Split(": ") is [var table, var columns] ? (table, columns.Split(' ')) : throw new FormatException(line));
}
