using System.Text.Json;
using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Epochs and nodes.</summary>
static class EpochTable
{
    const string Columns = $"""
        select number, node, pid, host, started_at, life_lock, begun, with_lock, lease, beat, last_sign, ended, how, ended_by, drain_until,
            probes, claims, state
        from esc.epoch where {EpochChecks.IsNumber}
        """;

    /// <summary>The number of the last claim. A larger number than claims can reach was written by hand, and refuses no claim.</summary>
    public const string Claims = "case when claims <= 9007199254740992 then claims else 0 end";

    /// <summary>Sets the next heartbeat. A counter at its maximum was written by hand.</summary>
    public const string NextBeat = "beat = case when beat < 9223372036854775807 then beat + 1 else 0 end";

    const string Newest = $"(select max(number) from esc.epoch where {EpochChecks.IsNumber})";

    /// <summary>The living epochs, and the epoch of a claim.</summary>
    public static readonly Sql LivingAnd = new(Columns + " and (ended is null or number = $1) order by number");

    static readonly Sql ByNumber = new(Columns + " and number = any($1) order by number");

    static readonly Sql LockByNumber = new(Columns + " and number = $1 for no key update");

    static readonly Sql LockLiving = new(
        "select number from esc.epoch where ended is null order by number for no key update");

    static readonly Sql LockFor = new(Columns + " and (ended is null or number = any($1) or number = " + Newest + """
        ) order by number for no key update
        """);

    static readonly Sql OfSpans = new(Columns + $"""
         and ((begun < $2 and (ended is null or ended >= $1))
            or number = (select number from esc.epoch where ended < $1 and {EpochChecks.IsNumber}
                order by ended desc, number desc limit 1)
            or number = (select min(number) from esc.epoch where begun >= $2 and {EpochChecks.IsNumber}))
        order by number
        """);

    // The newest epochs: after a week of crashes at startup, older epochs are of no use.
    static readonly Sql Recent = new(Columns + " order by number desc limit 10000");

    static readonly Sql AddEpoch = new("""
        insert into esc.epoch(number, node, pid, host, started_at, life_lock, begun, with_lock, lease, beat, last_sign, state)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, number from esc.state returning state
        """);

    static readonly Sql WriteEpoch = new("""
        update esc.epoch set beat = $1, last_sign = $2, ended = $3, how = $4, ended_by = $5, drain_until = $6, probes = $7, claims = $8
        where number = $9
        """);

    static readonly Sql Number = new("update esc.epoch set state = s.number from esc.state s where epoch.number = $1");

    static readonly Sql EnterNode = new("""
        insert into esc.node(id, pid, host, started_at, life_lock, declares, handlers) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict(id) do update set pid = excluded.pid, host = excluded.host, started_at = excluded.started_at,
            life_lock = excluded.life_lock, declares = excluded.declares, handlers = excluded.handlers
        """);

    static readonly Sql RemoveNodes = new("delete from esc.node where id = any($1)");

    public static async Task<Epoch?> FindAsync(Session db, long number)
    {
        var rows = await db.QueryAsync(ByNumber, Read, new[] { number });
        return rows.Count > 0 ? rows[0] : null;
    }

    public static async Task<Dictionary<long, Epoch>> FindAsync(Session db, IEnumerable<long> numbers) =>
        (await db.QueryAsync(ByNumber, Read, numbers.Distinct().ToArray())).ToDictionary(epoch => epoch.Number);

    /// <summary>Locks an epoch and returns its row, or null if there is none.</summary>
    public static async Task<Epoch?> LockAsync(Session db, long number)
    {
        var rows = await db.QueryAsync(LockByNumber, Read, number);
        return rows.Count > 0 ? rows[0] : null;
    }

    /// <summary>Locks the living epochs, in order.</summary>
    public static Task LockLivingAsync(Session db) => db.QueryAsync(LockLiving, static row => row.Long(0));

    /// <summary>Locks the epochs that a change of epochs needs, in order: the living, the named and the newest.</summary>
    public static Task<List<Epoch>> LockAsync(Session db, IEnumerable<long> named) =>
        db.QueryAsync(LockFor, Read, named.Distinct().ToArray());

    public static Task<List<Epoch>> RecentAsync(Session db) => db.QueryAsync(Recent, Read);

    public static Task<List<Epoch>> OfSpanAsync(Session db, long from, long to) => db.QueryAsync(OfSpans, Read, from, to);

    public static Epoch Read(NpgsqlDataReader row) => new EpochRow
    {
        Number = row.Long(0),
        Node = row.Text(1),
        Pid = row.Long(2),
        Host = row.Text(3),
        StartedAt = row.Long(4),
        LifeLock = row.MaybeText(5),
        Begun = row.Long(6),
        WithLock = row.Bool(7),
        Lease = row.Maybe(8),
        Beat = row.Long(9),
        LastSign = row.Long(10),
        Ended = row.Maybe(11),
        How = row.Maybe(12),
        EndedBy = row.MaybeText(13),
        DrainUntil = row.Maybe(14),
        Probes = row.Long(15),
        Claims = row.Long(16),
        State = row.Long(17),
    }.ToEpoch();

    /// <summary>Writes a new epoch.</summary>
    /// <returns>The epoch with the number of the scheduler state.</returns>
    public static async Task<Epoch> AddAsync(Session db, Epoch row) => row with
    {
        StateNumber = (await db.ScalarAsync(AddEpoch, row.Number, row.Node.Id, row.Node.Pid, row.Node.Host, row.Node.StartedAt,
            row.Node.LifeLock, row.Begun, row.WithLock, row.Lease is { } lease ? (long)lease.TotalMicroseconds : (long?)null, row.Heartbeat,
            row.LastSign))!.Value,
    };

    /// <summary>Writes the number of the state into the row of an epoch. The state is locked.</summary>
    public static Task NumberAsync(Session db, long epoch) => db.RunAsync(Number, epoch);

    /// <summary>Writes a node that serves.</summary>
    public static Task EnterAsync(Session db, Sign.Enter enter) => db.RunAsync(EnterNode, enter.Node.Id, enter.Node.Pid, enter.Node.Host,
        enter.Node.StartedAt, enter.Node.LifeLock, Text(enter.Declares), Text(enter.Handlers));

    public static Task RemoveAsync(Session db, IEnumerable<string> nodes) => db.RunAsync(RemoveNodes, nodes.ToArray<string?>());

    /// <summary>Writes a row as computed by a rule.</summary>
    public static Task WriteAsync(Session db, Epoch row) => db.RunAsync(WriteEpoch, row.Heartbeat, row.LastSign, row.Ended, (long?)row.How,
        row.EndedBy, row.DrainUntil, row.Probes, row.Claims, row.Number);

    static string Text(IReadOnlyCollection<string> texts) => JsonSerializer.Serialize([.. texts], TextList.Default.StringArray);

    /// <summary>Reads a list of texts.</summary>
    public static string[] List(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, TextList.Default.StringArray) ?? [];
        }
        catch (JsonException)
        {
            // The row was edited by hand. An empty list retires no jobs.
            return [];
        }
    }
}

/// <summary>JSON serialisation of a list of strings, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
sealed partial class TextList : System.Text.Json.Serialization.JsonSerializerContext;
