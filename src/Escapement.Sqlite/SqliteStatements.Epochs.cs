using Escapement.Rows;

namespace Escapement.Sqlite;

// Epochs and nodes.
static partial class SqliteStatements
{
    const string EpochColumns = $"""
        select number, node, pid, host, started_at, life_lock, begun, with_lock, beat, last_sign, ended, how, ended_by, drain_until, probes, claims, token, lease
        from epoch where {EpochChecks.IsNumber}
        """;

    public static readonly Sql NewestEpoch = new(EpochColumns + " order by number desc limit 1");

    public static readonly Sql EpochByNumber = new(EpochColumns + " and number = ?");

    public static readonly Sql LivingAndNewestEpochs = new(
        EpochColumns + $" and (ended is null or number = (select max(number) from epoch where {EpochChecks.IsNumber})) order by number");

    // with the last epoch before the span, and the first epoch after
    public static readonly Sql EpochsOfSpan = new(EpochColumns + $"""
         and ((begun < ?2 and (ended is null or ended >= ?1))
            or number = (select number from epoch where ended < ?1 and {EpochChecks.IsNumber} order by ended desc, number desc limit 1)
            or number = (select min(number) from epoch where begun >= ?2 and {EpochChecks.IsNumber}))
        order by number
        """);

    public static readonly Sql BeginRecordAt = new("update state set complete_since = ?1 where complete_since is null or complete_since < ?1");

    // the newest epochs: after a week of crashes at startup, older epochs are of no use
    public static readonly Sql RecentEpochs = new(EpochColumns + " order by number desc limit 10000");

    public static readonly Sql AddEpoch = new("""
        insert into epoch(number, node, pid, host, started_at, life_lock, begun, with_lock, lease, beat, last_sign, token)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """);

    public static readonly Sql WriteEpoch = new("""
        update epoch set beat = ?, last_sign = ?, ended = ?, how = ?, ended_by = ?, drain_until = ?, probes = ?, claims = ?, token = ? where number = ?
        """);

    public static readonly Sql EnterNode = new("""
        insert into node(id, pid, host, started_at, life_lock, declares, handlers) values (?, ?, ?, ?, ?, ?, ?)
        on conflict(id) do update set pid = excluded.pid, host = excluded.host, started_at = excluded.started_at, life_lock = excluded.life_lock,
            declares = excluded.declares, handlers = excluded.handlers
        """);

    public static readonly Sql Drains = new("update node set drain_until = ? where id = ?");

    public static readonly Sql RemoveNode = new("delete from node where id = ?");

    public static readonly Sql Nodes = new("""
        select id, pid, host, started_at, life_lock, declares, drain_until,
            (select count(*) from running join epoch on epoch.number = running.epoch where epoch.node = node.id)
        from node order by started_at, id
        """);
}
