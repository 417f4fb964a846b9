using Escapement.Ledger;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A row that is due, or will be due next.</summary>
readonly record struct DueRow
{
    /// <summary>The place at which the row was read, from 0.</summary>
    public required int Place { get; init; }

    public required long Priority { get; init; }

    /// <summary>The due time.</summary>
    public required long At { get; init; }

    /// <summary>The number of the job.</summary>
    public required long Job { get; init; }

    /// <summary>The state of the job, as of the same snapshot.</summary>
    public required JobState State { get; init; }

    /// <summary>The stamp of the job's definition and marks.</summary>
    public required long Stamp { get; init; }

    /// <summary>The newest entry if nothing was written for the job since, or null.</summary>
    public (long First, long Last, long Change, long Reason, long? Cause)? Last { get; init; }

    /// <summary>The waiting run, or null for the job's own fire time.</summary>
    public WaitingRun? Waiting { get; init; }

    /// <summary>Returns the order of a plan.</summary>
    /// <param name="delay">The delay of the row's place. The rows of another node come after the own rows of the same time.</param>
    public (int, long, long, long, long) Order(long delay) =>
        ((int)Priority, At + delay, Job, Waiting?.Id.Number ?? -1, Waiting?.Id.FireTime ?? 0);
}

/// <summary>What a claim reads in a single snapshot.</summary>
/// <param name="State">The state of the store.</param>
/// <param name="At">The database's clock in microseconds.</param>
/// <param name="Epochs">The living epochs, and the epoch of the claim.</param>
/// <param name="Rows">The rows, in no particular order.</param>
sealed record ClaimRead(StoreState State, long At, List<Epoch> Epochs, List<DueRow> Rows);

/// <summary>Reads what is due.</summary>
static class ClaimRows
{
    // A single snapshot: a row that is read later than the counter of its job could only be newer, but never older.
    static readonly Sql Begin = new("begin isolation level repeatable read, read only");

    static readonly Sql Commit = new("commit");

    const string Places = """
         from (select coalesce($6,
        """ + Session.ClockMicros + """
        ) as now) t cross join unnest($1, $2, $3, $4, $5) with ordinality p(executor, share, delay, most, later, place)
            join esc.queue q on q.executor = p.executor
        """;

    const string DueColumns = """
        select p.place, q.priority, d.at, d.job, d.next, d.last_fire, d.running, d.change, d.stamp, e.first, e.last, e.change,
            e.reason, e.cause
        """;

    const string Entry = """
         left join esc.entry e on e.last = d.entry_last and e.job = d.job and e.change = d.entry_change
        """;

    // For each executor, priority and share the rows that are due, oldest first, and the first rows after.
    static readonly Sql Due = new(DueColumns + Places + """
         cross join lateral (select * from esc.due d where d.queue = q.number and d.share = p.share and d.at <= t.now - p.delay
            order by d.at, d.job limit p.most) d
        """ + Entry + " union all " + DueColumns + Places + """
         cross join lateral (select * from esc.due d where d.queue = q.number and d.share = p.share and d.at > t.now - p.delay
            order by d.at limit p.later) d
        """ + Entry);

    const string WaitingRead =
        "select p.place, q.priority, w.due, w.job, d.next, d.last_fire, d.running, d.change, d.stamp, " + WaitingTable.Columns;

    static readonly Sql Waiting = new(WaitingRead + Places + """
         cross join lateral (select * from esc.waiting w where w.queue = q.number and w.share = p.share and not w.blocked
            and w.due <= t.now - p.delay order by w.due limit p.most) w join esc.due d on d.job = w.job
        """ + " union all " + WaitingRead + Places + """
         cross join lateral (select * from esc.waiting w where w.queue = q.number and w.share = p.share and not w.blocked
            and w.due > t.now - p.delay order by w.due limit p.later) w join esc.due d on d.job = w.job
        """);

    /// <summary>Reads the due rows of executors and shares.</summary>
    /// <param name="db">The session.</param>
    /// <param name="epoch">The epoch of the claim.</param>
    /// <param name="places">Where to read.</param>
    /// <param name="now">The clock that decides in place of the database's clock, or null.</param>
    public static async Task<ClaimRead> ReadAsync(Session db, long epoch, IReadOnlyList<ClaimPlace> places, DateTimeOffset? now)
    {
        Arg[] args = [places.Select(place => place.Executor).ToArray<string?>(), places.Select(place => place.Share).ToArray(),
            places.Select(place => place.Delay).ToArray(), places.Select(place => place.Most).ToArray(),
            places.Select(place => place.Later).ToArray(), now];
        await using var reader = await db.ReadTogetherAsync(
            (Begin, []), (Due, args), (Waiting, args), (StateTable.Select, []), (EpochTable.LivingAnd, [epoch]), (Commit, []));
        List<DueRow> rows = [];
        while (await reader.ReadAsync(db.Cancellation)) rows.Add(ReadDue(reader));
        await reader.NextResultAsync(db.Cancellation);
        while (await reader.ReadAsync(db.Cancellation)) rows.Add(ReadWaiting(reader));
        await reader.NextResultAsync(db.Cancellation);
        if (!await reader.ReadAsync(db.Cancellation)) throw StateTable.Missing(db);
        var (state, at) = (StateTable.Read(reader), reader.Long(17));
        await reader.NextResultAsync(db.Cancellation);
        List<Epoch> epochs = [];
        while (await reader.ReadAsync(db.Cancellation)) epochs.Add(EpochTable.Read(reader));
        await reader.NextResultAsync(db.Cancellation);
        return new(state, at, epochs, rows);
    }

    static DueRow ReadDue(NpgsqlDataReader row) => Read(row) with
    {
        Last = row.Maybe(9) is { } first ? (first, row.Long(10), row.Long(11), row.Long(12), row.Maybe(13)) : null,
    };

    static DueRow ReadWaiting(NpgsqlDataReader row) => Read(row) with { Waiting = WaitingTable.Read(row, 9) };

    static DueRow Read(NpgsqlDataReader row) => new()
    {
        Place = row.Int(0) - 1,
        Priority = row.Long(1),
        At = row.Long(2),
        Job = row.Long(3),
        State = new(row.Maybe(4) ?? JobState.Never, row.Maybe(5) ?? JobState.Nothing, row.Int(6), row.Long(7)),
        Stamp = row.Long(8),
    };
}
