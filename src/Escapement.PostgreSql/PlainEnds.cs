using Escapement.Ledger;
using Escapement.Rules;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Records the ends of runs that nothing waits for, in a single statement. Nearly all ends are plain: no retry follows, no
/// failures are counted, no waiting run is blocked behind the run, no caller watches the run, and the run is no backfill and has neither
/// a key nor arguments of its own.</summary>
static class PlainEnds
{
    // All hangs on the locked rows of the jobs, whose conditions are evaluated on the newest version. A job that another transaction
    // holds, a job with another definition or with a blocked run, and a run that is not plain are left out.
    // The runs are found by their keys, one by one, and then by their places (ctid): with the statistics of an empty table, the planner
    // would compare all ends with all open runs.
    public static readonly Sql Write = new("""
        with ends as (
            select * from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) with ordinality
                e(job, fire_time, number, attempt, ended, stamp, started_at, finished_at, outcome, reason, error, history, place)),
        locked as (
            select e.* from ends e join esc.due d on d.job = e.job and d.stamp = e.stamp
            where d.blocked = 0 and exists (select from esc.epoch where number = $1 and node = $2)
            order by d.job for no key update of d skip locked),
        found as (
            select l.*, r.at from locked l cross join lateral (
                select ctid as at from esc.running r where r.job = l.job and r.fire_time = l.fire_time and r.number = l.number offset 0) r),
        gone as (
            delete from esc.running r using found l
            where r.ctid = l.at and r.attempt = l.attempt and r.epoch = $1 and r.cause <> 2 and not r.watched and not r.has_key
                and r.args is null
            returning r.job, r.fire_time, r.number, r.token, l.ended as attempt, r.claimed_at, r.cause, l.started_at, l.finished_at, l.outcome,
                l.reason, l.error, l.history, l.place),
        freed as (
            update esc.due d set running = greatest(d.running, g.ended) - g.ended
            from (select job, count(*) as ended from gone group by job order by job) g where d.job = g.job),
        added as (
            insert into esc.run(fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome, reason, error,
                cause, history)
            select fire_time, job, number, $1, token, attempt, claimed_at, started_at, finished_at, outcome, reason, error, cause, history
            from gone)
        select array_agg(place) from gone
        """);

    /// <summary>Writes the plain ends.</summary>
    /// <param name="db">The session, outside of a transaction.</param>
    /// <param name="jobs">The known jobs. The end of a run of an unknown job is not plain.</param>
    /// <param name="finished">The ends.</param>
    /// <returns>The ends that were not written.</returns>
    public static async Task<IReadOnlyList<Finished>> WriteAsync(Session db, JobCache jobs, IReadOnlyList<Finished> finished)
    {
        var (node, epoch) = (finished[0].Node, finished[0].Epoch);
        List<Finished> others = [];
        List<(Finished Report, RunEnd End, StampedJob Job)> plain = new(finished.Count);
        foreach (var report in finished)
        {
            if (report.Epoch == epoch && report.Node == node && jobs.Known(report.Id.Job) is { } job
                && EndOf(job.Stored, report) is { } end)
            {
                plain.Add((report, end, job));
            }
            else
            {
                others.Add(report);
            }
        }

        if (plain.Count == 0) return finished;

        // The order of all transactions, so that no two of them wait for each other.
        plain.Sort(static (a, b) => (a.End.Id.Job, a.End.Id.FireTime, a.End.Id.Number)
            .CompareTo((b.End.Id.Job, b.End.Id.FireTime, b.End.Id.Number)));
        var written = new bool[plain.Count];
        try
        {
            foreach (var place in await db.FirstAsync(Write, static row => row.Numbers(0), Arguments(plain, node, epoch)) ?? [])
                written[place - 1] = true;
        }
        catch (PostgresException e) when (PostgreSqlFaults.IsOfARow(e))
        {
            // The history has a row with the key of a run, which only a missed run and a manual edit can have written.
        }

        for (var i = 0; i < written.Length; i++)
            if (!written[i]) others.Add(plain[i].Report);
        return others;
    }

    /// <summary>Returns the end of a run as far as the run is plain, or null if the end is not plain.</summary>
    static RunEnd? EndOf(StoredJob job, Finished report)
    {
        if (FailuresInRow.AreCounted(job)) return null;
        var after = RunEnds.After(job, new() { Id = report.Id, Epoch = report.Epoch, Attempt = report.Attempt }, report);
        return after.Again is null && after.Signal == StoreSignal.None ? after.End : null;
    }

    static Arg[] Arguments(List<(Finished Report, RunEnd End, StampedJob Job)> plain, string node, long epoch)
    {
        var count = plain.Count;
        var (jobs, fireTimes, numbers) = (new long[count], new long[count], new long[count]);
        var (attempts, ended) = (new long[count], new long[count]);
        var (stamps, startedAt, finishedAt) = (new long[count], new long?[count], new long[count]);
        var (outcomes, reasons, errors, limits) = (new long[count], new long?[count], new string?[count], new long?[count]);
        for (var i = 0; i < count; i++)
        {
            var (report, end, job) = plain[i];
            (jobs[i], fireTimes[i], numbers[i]) = (end.Id.Job, end.Id.FireTime, end.Id.Number);
            (attempts[i], ended[i]) = (report.Attempt, end.Attempt);
            (stamps[i], startedAt[i], finishedAt[i]) = (job.Stamp, end.StartedAt?.ToMicros(), end.FinishedAt.ToMicros());
            (outcomes[i], reasons[i], errors[i]) = ((long)end.Outcome, (long?)end.Reason, end.Error);
            var limit = TrimRules.LimitOf(job.Stored.Job.Options, end.Outcome, RunCause.FireTime);
            limits[i] = limit == HistoryLimit.None ? null : (long)limit;
        }

        return [epoch, node, jobs, fireTimes, numbers, attempts, ended, stamps, startedAt, finishedAt, outcomes, reasons, errors, limits];
    }
}
