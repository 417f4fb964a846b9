using Escapement.Ledger;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A row that is due, or will be due next.</summary>
readonly record struct DueRow
{
    public required string Executor { get; init; }

    public required long Priority { get; init; }

    /// <summary>The share of the job.</summary>
    public required long Share { get; init; }

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

    public (int, long, long, long, long) Order => ((int)Priority, At, Job, Waiting?.Id.Number ?? -1, Waiting?.Id.FireTime ?? 0);
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
        ) as now) t cross join unnest($1, $2) x(executor, most) join esc.queue q on q.executor = x.executor
            cross join unnest($3, $4, $5) s(share, delay, later)
        """;

    const string DueColumns = """
        select q.executor, q.priority, d.share, d.at, d.job, d.next, d.last_fire, d.running, d.change, d.stamp, e.first, e.last, e.change,
            e.reason, e.cause
        """;

    const string Entry = """
         left join esc.entry e on e.last = d.entry_last and e.job = d.job and e.change = d.entry_change
        """;

    // For each executor, priority and share the rows that are due, oldest first, and the first rows after.
    static readonly Sql Due = new(DueColumns + Places + """
         cross join lateral (select * from esc.due d where d.queue = q.number and d.share = s.share and d.at <= t.now - s.delay
            order by d.at, d.job limit x.most) d
        """ + Entry + " union all " + DueColumns + Places + """
         cross join lateral (select * from esc.due d where d.queue = q.number and d.share = s.share and d.at > t.now - s.delay
            order by d.at limit s.later) d
        """ + Entry);

    const string WaitingRead = "select q.executor, q.priority, w.share, w.due, w.job, d.next, d.last_fire, d.running, d.change, d.stamp, "
        + WaitingTable.Columns;

    static readonly Sql Waiting = new(WaitingRead + Places + """
         cross join lateral (select * from esc.waiting w where w.queue = q.number and w.share = s.share and not w.blocked
            and w.due <= t.now - s.delay order by w.due limit x.most) w join esc.due d on d.job = w.job
        """ + " union all " + WaitingRead + Places + """
         cross join lateral (select * from esc.waiting w where w.queue = q.number and w.share = s.share and not w.blocked
            and w.due > t.now - s.delay order by w.due limit s.later) w join esc.due d on d.job = w.job
        """);

    /// <summary>Reads the due rows of executors and shares.</summary>
    /// <param name="db">The session.</param>
    /// <param name="epoch">The epoch of the claim.</param>
    /// <param name="executors">The executors with free places, with the number of rows to read of each priority and share.</param>
    /// <param name="delays">For each share, how much later than due its rows are read, in microseconds.</param>
    /// <param name="later">The number of rows to read that are not yet due.</param>
    /// <param name="now">The clock that decides in place of the database's clock, or null.</param>
    public static async Task<ClaimRead> ReadAsync(Session db, long epoch, IReadOnlyList<(string Executor, long Most)> executors,
        long[] delays, long later, DateTimeOffset? now)
    {
        Arg[] places = [executors.Select(executor => executor.Executor).ToArray<string?>(),
            executors.Select(executor => executor.Most).ToArray(),
            Enumerable.Range(0, delays.Length).Select(share => (long)share).ToArray(),
            delays, Enumerable.Repeat(later, delays.Length).ToArray(), now];
        await using var reader = await db.ReadTogetherAsync(
            (Begin, []), (Due, places), (Waiting, places), (StateTable.Select, []), (EpochTable.LivingAnd, [epoch]), (Commit, []));
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
        Last = row.Maybe(10) is { } first ? (first, row.Long(11), row.Long(12), row.Long(13), row.Maybe(14)) : null,
    };

    static DueRow ReadWaiting(NpgsqlDataReader row) => Read(row) with { Waiting = WaitingTable.Read(row, 10) };

    static DueRow Read(NpgsqlDataReader row) => new()
    {
        Executor = row.Text(0),
        Priority = row.Long(1),
        Share = row.Long(2),
        At = row.Long(3),
        Job = row.Long(4),
        State = State(row),
        Stamp = row.Long(9),
    };

    static JobState State(NpgsqlDataReader row) =>
        new(row.Maybe(5) ?? JobState.Never, row.Maybe(6) ?? JobState.Nothing, row.Int(7), row.Long(8));
}
