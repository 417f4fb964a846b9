using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>What the statement of a claim wrote.</summary>
/// <param name="Lives">True if the epoch lived, with the numbers that were read, and the plan was recent.</param>
/// <param name="Held">The units whose jobs were as planned.</param>
/// <param name="Tokens">The fencing token of each run, or 0.</param>
readonly record struct ClaimWritten(bool Lives, bool[] Held, long[] Tokens);

/// <summary>Writes a claim in a single statement.</summary>
static class ClaimWriting
{
    // The epoch's row is the only row for which the statement waits: all jobs hang on it, and a job that another transaction holds is
    // left out. The conditions of a job stand where its row is locked, so that they are evaluated on the newest version. The clock is
    // looked at in both places, because a condition is not evaluated again after a wait for an unchanged row. A plan must be written
    // within twice the time for which a statement waits for rows.
    // The waiting runs are found by their keys, one by one, and then by their places (ctid): with the statistics of an empty table, the
    // planner would compare all claimed runs with all waiting runs.
    public static readonly Sql Write = new($"""
        with mine as (
            update esc.epoch set claims = greatest({EpochTable.Claims}, $2), {EpochTable.NextBeat}, last_sign = $6, probes = 0
            where number = $1 and node = $4 and ended is null and ($2 = 0 or {EpochTable.Claims} < $2 or claims = $3) and state = $5
                and {Session.ClockMicros} < $7 returning number),
        unit as (
            select * from unnest($8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
                u(job, change, low, high, starts, blocks, moves, next, last_fire, at, entry_last, entry_change)),
        locked as (
            select u.* from esc.due d join unit u using (job)
            where d.change = u.change and d.running between u.low and u.high and exists (select from mine)
                and {Session.ClockMicros} < $7
            order by d.job for no key update of d skip locked),
        moved as (
            update esc.due d set running = d.running + l.starts, blocked = d.blocked + l.blocks, change = d.change + 1,
                next = case when l.moves then l.next else d.next end, last_fire = case when l.moves then l.last_fire else d.last_fire end,
                at = case when l.moves then l.at else d.at end,
                entry_last = case when l.moves then l.entry_last else d.entry_last end,
                entry_change = case when l.moves then l.entry_change else d.entry_change end
            from locked l where d.job = l.job returning d.job),
        one as (
            select r.* from unnest($20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
                r(fire_time, job, number, attempt, waits, grace_from, args, kwargs, watched, has_key, cause) join moved using (job)),
        found as (
            select k.attempt, w.at from one k cross join lateral (
                select ctid as at from esc.waiting w where {WaitingTable.IsKeyed} offset 0) w
            where k.waits),
        taken as (
            delete from esc.waiting w using found f where w.ctid = f.at and w.attempt = f.attempt
            returning w.fire_time, w.job, w.number, w.watched),
        started as (
            insert into esc.running(job, fire_time, number, epoch, claim, token, attempt, claimed_at, grace_from, args, kwargs, watched,
                has_key, cause)
            select one.job, one.fire_time, one.number, $1, $2, nextval('esc.token'), one.attempt, $6, one.grace_from, one.args, one.kwargs,
                one.watched or coalesce(t.watched, false), one.has_key, one.cause
            from one left join taken t on t.fire_time = one.fire_time and t.job = one.job and t.number = one.number
            where not one.waits or t.job is not null order by one.fire_time, one.job, one.number
            returning job, fire_time, number, token)
        select (select count(*) from mine), (select array_agg(job) from moved), array_agg(job), array_agg(fire_time), array_agg(number),
            array_agg(token) from started
        """);

    /// <summary>Writes units of a plan, all of each or none.</summary>
    /// <param name="db">The session.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="request">The request.</param>
    /// <param name="read">The state number and the database's clock of the reads of the plan.</param>
    /// <param name="written">The claim number that this claim already wrote, or 0.</param>
    /// <param name="only">The unit to write, or null for all.</param>
    public static async Task<ClaimWritten> RunAsync(Session db, ClaimPlan plan, ClaimRequest request, (long StateNumber, long At) read,
        long written, int? only = null)
    {
        var (args, places) = Arguments(plan, request, (read.StateNumber, read.At + (2 * (long)db.LockWait.TotalMicroseconds)), written, only);
        var (held, tokens) = (new bool[plan.Units.Length], new long[plan.Runs.Length]);
        var (lives, moved, started) = await db.FirstAsync(Write, static row => (row.Long(0) > 0, row.Numbers(1) ?? [], Started(row)), args);
        Dictionary<long, int> units = new(held.Length);
        for (var i = 0; i < held.Length; i++) units[plan.Units[i].Job.Number] = i;
        foreach (var job in moved) held[units[job]] = true;
        foreach (var (id, token) in started) tokens[places[id]] = token;
        return new(lives, held, tokens);
    }

    static List<(RunId Id, long Token)> Started(NpgsqlDataReader row)
    {
        if (row.Numbers(2) is not { } jobs) return [];
        var (fireTimes, numbers, tokens) = (row.Numbers(3)!, row.Numbers(4)!, row.Numbers(5)!);
        List<(RunId, long)> runs = new(jobs.Length);
        for (var i = 0; i < jobs.Length; i++) runs.Add((new(fireTimes[i], jobs[i], numbers[i]), tokens[i]));
        return runs;
    }

    static (Arg[] Args, Dictionary<RunId, int> Places) Arguments(
        ClaimPlan plan, ClaimRequest request, (long StateNumber, long Until) valid, long written, int? only)
    {
        List<int> units = only is { } one ? [one] : [.. Enumerable.Range(0, plan.Units.Length)];
        var (blocks, entries) = (new long[plan.Units.Length], new (long?, long?)[plan.Units.Length]);
        foreach (ref readonly var fate in plan.Fates)
            if (fate.End is null) blocks[fate.Unit]++;
        foreach (ref readonly var entry in plan.Entries) entries[entry.Unit] = (entry.Entry.Last.ToMicros(), entry.Entry.Change);
        var all = plan.Units.ToArray();
        var now = Instant.FromMicros(plan.Now);
        units.Sort((a, b) => all[a].Job.Number.CompareTo(all[b].Job.Number));

        List<PlannedRun> runs = [];
        Dictionary<RunId, int> places = [];
        for (var i = 0; i < plan.Runs.Length; i++)
        {
            if (only is not null && plan.Runs[i].Unit != only) continue;
            runs.Add(plan.Runs[i]);
            places[plan.Runs[i].Id] = i;
        }

        return ([
            request.Epoch, request.Number, written, request.Node, valid.StateNumber, plan.Now, valid.Until,
            Of(unit => unit.Job.Number), Of(unit => unit.Before.Change), Of(unit => unit.MinRunning), Of(unit => unit.MaxRunning),
            Of(unit => unit.Starts), units.Select(unit => blocks[unit]).ToArray(), units.Select(unit => all[unit].Moves).ToArray(),
            Maybe(unit => JobTable.Next(unit.After)), Maybe(unit => JobTable.Last(unit.After)),
            Maybe(unit => (unit.Marks ? unit.Marked(now) : unit.Job with { State = unit.After }).DueAt?.ToMicros()),
            units.Select(unit => entries[unit].Item1).ToArray(), units.Select(unit => entries[unit].Item2).ToArray(),
            runs.Select(run => run.Id.FireTime).ToArray(), runs.Select(run => run.Id.Job).ToArray(),
            runs.Select(run => run.Id.Number).ToArray(), runs.Select(run => (long)run.Attempt).ToArray(),
            runs.Select(run => run.Waited is not null).ToArray(), runs.Select(run => run.MisfireGraceFrom?.ToMicros()).ToArray(),
            runs.Select(run => run.Waited?.Arguments?.Args).ToArray(), runs.Select(run => run.Waited?.Arguments?.Kwargs).ToArray(),
            runs.Select(run => run.Waited?.Watched ?? false).ToArray(), runs.Select(run => run.Waited?.HasKey ?? false).ToArray(),
            runs.Select(run => (long)run.Cause).ToArray(),
        ], places);

        long[] Of(Func<ClaimUnit, long> of) => [.. units.Select(unit => of(all[unit]))];

        long?[] Maybe(Func<ClaimUnit, long?> of) => [.. units.Select(unit => of(all[unit]))];
    }
}
