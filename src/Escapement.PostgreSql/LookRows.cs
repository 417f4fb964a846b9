using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.PostgreSql;

/// <summary>Reads the state of epochs and nodes in a single statement, which also writes a heartbeat: a node that has nothing to do
/// asks nothing else of the database.</summary>
static class LookRows
{
    // The living epochs, the epochs with runs, and the newest.
    const string Known = $"""
        select e.* from esc.epoch e where e.number = any(array(
            select number from esc.epoch where ended is null union all select distinct epoch from esc.running
            union all (select max(number) from esc.epoch where {EpochChecks.IsNumber})))
            and e.{EpochChecks.IsNumber}
        """;

    const string Beat = $"""
        with beat as (
            update esc.epoch set {EpochTable.NextBeat}, last_sign = coalesce($2, {Session.ClockMicros}), probes = 0
            where number = $3 and node = $4 and (ended is null or drain_until is not null) returning epoch.*),
        known as (select * from beat union all {Known} and not exists (select from beat where beat.number = e.number)),

        """;

    const string NoBeat = $"""
        with known as ({Known}),

        """;

    const string Look = $"""
        row as (
            select k.*, ended is not null and drain_until is not null
                and exists (select from esc.running where running.epoch = k.number) as drains
            from known k)
        select {Session.ClockMicros}, json_build_object(
            'epochs', (select json_agg(r order by r.number) from row r
                where r.ended is null or r.drains or r.number = (select max(number) from row)),
            'nodes', (select json_agg(n order by n.started_at, n.id) from (
                select id, pid, host, started_at, life_lock, case when $1 then declares end as declares, coalesce(c.runs, 0) as running,
                    (select drain_until from esc.epoch where epoch.node = node.id order by number desc limit 1) as drain_until
                from esc.node left join (
                    select e.node, count(*) as runs from esc.running r join esc.epoch e on e.number = r.epoch group by e.node) c
                    on c.node = node.id) n),
            'state', (select to_json(s) from (
                select shut_down, paused_from, paused_to, paused_action, declared, complete_since, to_json(pause) as pause
                from esc.state left join esc.pause on pause.scope = 0 and pause.name = '' and pause.ended is null) s),
            'due', (select min(at) from (
                select d.at from esc.queue q cross join generate_series(0, 15) s(share) cross join lateral (
                    select at from esc.due where queue = q.number and due.share = s.share and at is not null order by at limit 1) d
                union all select w.due from esc.queue q cross join generate_series(0, 15) s(share) cross join lateral (
                    select due from esc.waiting where queue = q.number and waiting.share = s.share and not blocked order by due limit 1) w) x)
        """;

    static readonly Sql Plain = new(NoBeat + Look + ")");

    static readonly Sql AfterBeat = new(Beat + Look + ", 'beaten', exists (select from beat))");

    /// <summary>Reads the state.</summary>
    /// <param name="db">The session.</param>
    /// <param name="declares">True to include the job ids that the nodes declare.</param>
    /// <returns>The state and the database's clock.</returns>
    public static async Task<(Look Look, DateTimeOffset Now)> ReadAsync(Session db, bool declares = false)
    {
        var (look, now, _) = await ReadAsync(db, Plain, declares);
        return (look, now);
    }

    /// <summary>Writes a heartbeat unless the epoch has ended, and reads the state. The rules are
    /// <see cref="EpochRules.MayHeartbeat"/> and <see cref="EpochRules.Heartbeat"/>.</summary>
    /// <param name="db">The session.</param>
    /// <param name="beat">The heartbeat.</param>
    /// <param name="now">The clock that decides in place of the database's clock, or null.</param>
    /// <returns>The state and the database's clock.</returns>
    public static async Task<(Look Look, DateTimeOffset Now)> BeatAsync(Session db, Sign.Heartbeat beat, DateTimeOffset? now)
    {
        var read = await ReadAsync(db, AfterBeat, false, now, beat.Epoch, beat.Node);

        // The snapshot of a refused heartbeat may be older than the end of the epoch.
        return read.HasBeaten ? (read.Look, read.Now) : await ReadAsync(db);
    }

    static async Task<(Look Look, DateTimeOffset Now, bool HasBeaten)> ReadAsync(Session db, Sql sql, params Arg[] args)
    {
        var (now, text) = await db.FirstAsync(sql, static row => (row.At(0), row.Text(1)), args);
        var read = JsonSerializer.Deserialize(text, LookJson.Default.LookDocument)!;
        if (read.State is not { } state) throw StateTable.Missing(db);
        List<Epoch> epochs = [.. (read.Epochs ?? []).Select(row => row.ToEpoch())];
        return (new()
        {
            Living = epochs.FindAll(epoch => epoch.Ended is null),
            Draining = epochs.FindAll(epoch => EpochRules.Drains(epoch) && read.Epochs!.Any(row => row.Drains && row.Number == epoch.Number)),
            Newest = epochs.Count > 0 ? epochs[^1] : null,
            State = state.ToState(),
            Nodes = [.. (read.Nodes ?? []).Select(row => row.ToNode())],
            NextDue = read.Due is { } due ? Instant.FromMicros(due) : DateTimeOffset.MaxValue,
        }, now, read.Beaten);
    }
}

/// <summary>What <see cref="LookRows"/> reads.</summary>
sealed class LookDocument
{
    public EpochRow[]? Epochs { get; init; }

    public NodeRow[]? Nodes { get; init; }

    public StateRow? State { get; init; }

    public long? Due { get; init; }

    public bool Beaten { get; init; }
}

/// <summary>A row of a node.</summary>
sealed class NodeRow
{
    public required string Id { get; init; }

    public required long Pid { get; init; }

    public required string Host { get; init; }

    public required long StartedAt { get; init; }

    public string? LifeLock { get; init; }

    public string? Declares { get; init; }

    public required long Running { get; init; }

    public long? DrainUntil { get; init; }

    public KnownNode ToNode() => new(EpochRow.Name(Id, Pid, Host, StartedAt, LifeLock), RowReading.Clamped(Running),
        DrainUntil is { } until ? Instant.FromMicros(until) : null)
    {
        Declares = Declares is null ? [] : EpochTable.List(Declares),
    };
}

/// <summary>JSON serialisation of a look, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LookDocument))]
sealed partial class LookJson : JsonSerializerContext;
