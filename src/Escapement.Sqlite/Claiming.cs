using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The claim: hands due fire times and waiting runs to a node, by what <see cref="Decide"/> says, and writes what became of the others.</summary>
sealed class Claiming
{
    /// <summary>The most runs that one claim hands over.</summary>
    const int MostRuns = 500;

    readonly Transaction tx;
    readonly SqliteSession db;
    readonly ClaimRequest request;
    readonly Epoch? before;
    Moment moment;
    readonly long trimmed;
    readonly List<ClaimedRun> runs = [];
    readonly Dictionary<long, int> running = [];
    long token;
    long? nextDue;
    bool wrote;

    Claiming(Transaction tx, ClaimRequest request, SchedulerState scheduler, Epoch epoch, long trimmed)
    {
        (this.tx, db, this.request, this.trimmed) = (tx, tx.Db, request, trimmed);
        before = EpochTable.Before(db, epoch.Number);
        moment = Moment.Of(tx.Now, request.GraceLimit, scheduler, epoch, before) with { ClockJumpedFrom = request.ClockJumpedFrom };
        token = EpochTable.Token(db);
    }

    /// <summary>Walks the claim in an open transaction. Writes nothing when nothing is due.</summary>
    public static Claimed Claim(Transaction tx, ClaimRequest request)
    {
        var state = StateTable.Read(tx.Db);
        var epoch = EpochTable.Newest(tx.Db);
        if (state.Scheduler.ShutDown is not null || !EpochTable.IsCurrent(epoch, request.Node, request.Epoch)) return Claimed.Refused;

        tx.Refresh(state.Definitions);
        var scheduler = SchedulerEdits.PauseOver(state.Scheduler, tx.Now);
        var claiming = new Claiming(tx, request, scheduler, epoch!, state.Trimmed);
        if (scheduler != state.Scheduler)
        {
            StateTable.Write(tx.Db, scheduler);
            claiming.wrote = true;
        }
        claiming.Walk();
        if (claiming.wrote) EpochTable.Beat(tx, request.Epoch, claiming.runs.Count);
        return new(claiming.runs, claiming.nextDue is { } next ? Instant.FromMicros(next) : null);
    }

    bool FireTimes => request.FireTimes && moment.Scheduler.Paused is null;

    /// <summary>Something that is due: a job's fire time, the end of its pause, or a waiting run.</summary>
    readonly record struct Item(string Executor, long Due, long Job, long? LastFire, WaitingRun? Waiting);

    void Walk()
    {
        List<Item> due = [];
        var room = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (executor, places) in request.FreePlaces)
        {
            if (places <= 0) continue;
            room.Add(executor, places);
            if (FireTimes) ReadDue(executor, places, due);
            ReadWaiting(executor, places, due);
        }
        if (request.FreePlaces.Count > 1 || due.Exists(item => item.Waiting is not null))
            due.Sort(static (a, b) => (a.Due, a.Job, a.Waiting?.Id.Number ?? 0).CompareTo((b.Due, b.Job, b.Waiting?.Id.Number ?? 0)));
        LookBack(due);

        foreach (var item in due)
        {
            if (room[item.Executor] == 0) continue;
            if (runs.Count == MostRuns)
            {
                Sooner(item.Due);
                break;
            }
            var before = runs.Count;
            if (item.Waiting is { } waiting) TakeWaiting(item.Executor, waiting);
            else TakeFireTimes(item);
            room[item.Executor] -= runs.Count - before;
        }

        // What became due again in this claim, or waits behind it, counts only where a place is left.
        foreach (var (executor, next) in later)
            if (room[executor] > 0)
                Sooner(next);
        if (moment.Scheduler.Paused?.Until is { } until && request.FireTimes && room.Values.Any(places => places > 0)) Sooner(until.ToMicros());
    }

    /// <summary>Fire times may have been lost before the epoch before this one: it never claimed.</summary>
    void LookBack(List<Item> due)
    {
        if (before is null || due is [] || due.Min(item => item.Due) is var oldest && Instant.FromMicros(oldest) >= before.Begun) return;
        List<Epoch> epochs = [before];
        while (epochs[^1].Begun.ToMicros() > oldest && EpochTable.Before(db, epochs[^1].Number) is { } older) epochs.Add(older);
        moment = moment with { Earlier = Moment.Between(epochs) };
    }

    readonly List<(string Executor, long At)> later = [];

    void Sooner(long at) => nextDue = nextDue is { } known && known < at ? known : at;

    void ReadDue(string executor, int places, List<Item> due)
    {
        // Some more than there are places, because a fire time that is skipped takes none.
        var most = Math.Min(MostRuns, Math.Max(64, places * 2));
        var row = db[SqliteStatements.DueOf].With(executor);
        while (row.Read())
        {
            var item = new Item(executor, row.Long(0), row.Long(1), row.Maybe(2), null);
            if (!Knows(item.Job)) continue;
            if (item.Due > tx.NowMicros || most-- == 0)
            {
                later.Add((executor, item.Due));
                break;
            }
            due.Add(item);
        }
        row.Reset();
    }

    void ReadWaiting(string executor, int places, List<Item> due)
    {
        var most = Math.Min(MostRuns, Math.Max(64, places * 2));
        var row = db[SqliteStatements.WaitingOf].With(executor);
        while (row.Read())
        {
            var run = WaitingTable.Read(row);
            if (!Knows(run.Id.Job)) continue;
            if (run.Due > tx.NowMicros || most-- == 0)
            {
                later.Add((executor, run.Due));
                break;
            }
            due.Add(new(executor, run.Due, run.Id.Job, null, run));
        }
        row.Reset();
    }

    bool Knows(long job) => request.Handlers.Contains(tx.Job(job).Stored.Job.Handler);

    int Running(long job) => running.TryGetValue(job, out var count) ? count : running[job] = JobTable.Running(db, job);

    void TakeFireTimes(Item item)
    {
        var cached = tx.Job(item.Job);
        var stored = cached.Stored with
        {
            Next = cached.Stored.Paused is null ? Instant.FromMicros(item.Due) : cached.Stored.Next,
            LastFireTime = item.LastFire is { } last ? Instant.FromMicros(last) : null,
            Running = Running(item.Job),
        };
        wrote = true;
        if (stored.Paused is not null && !EndPause(ref stored)) return;

        var decision = Decide.Due(stored, MomentOf(item.Executor), fireTime => Ran(item.Job, fireTime.ToMicros()));
        foreach (var entry in decision.Entries) JobTable.AddEntry(tx, item.Job, entry);

        var lastFire = stored.LastFireTime;
        foreach (var fireTime in decision.Runs)
        {
            if (lastFire is null || fireTime > lastFire) lastFire = fireTime;
            var id = new RunId(fireTime.ToMicros(), item.Job, 0);
            var due = Decide.WaitsUntil(stored.Job, fireTime, tx.Now);
            if (fireTime == decision.Runs[0] && due <= tx.Now) Start(stored.Job, id, fireTime, 1, default, Jitter.StartOf(stored.Job, fireTime));
            else if (WaitingTable.Add(db, new(id, due.ToMicros(), 1, default), item.Executor)) later.Add((item.Executor, due.ToMicros()));
        }
        Advance(item, stored, decision.Next, lastFire);
    }

    Moment MomentOf(string executor) => request.FullSince is { } full && full.TryGetValue(executor, out var since) ? moment with { FullSince = since } : moment;

    /// <summary>Ends a pause whose end has come.</summary>
    /// <returns>Whether the job has fire times that are due after it.</returns>
    bool EndPause(ref StoredJob stored)
    {
        var number = stored.Number;
        var over = Decide.PauseOver(stored, stored.Paused!.Until!.Value, fireTime => Ran(number, fireTime.ToMicros()));
        foreach (var entry in over.Entries) JobTable.AddEntry(tx, number, entry);
        stored = JobTable.Save(tx, stored, stored with { Paused = null, Next = over.Next, Ended = over.Next is null ? JobEnd.Exhausted : null });
        if (over.Next is not { } next) return false;
        if (next <= tx.Now) return true;
        later.Add((stored.Job.Options.Executor, next.ToMicros()));
        return false;
    }

    void Advance(Item item, StoredJob stored, DateTimeOffset? next, DateTimeOffset? lastFire)
    {
        if (next is not { } at)
        {
            JobTable.Save(tx, stored, stored with { Next = null, LastFireTime = lastFire, Ended = JobEnd.Exhausted });
            return;
        }
        JobTable.DeleteDue(db, item.Executor, stored.Next!.Value.ToMicros(), item.Job);
        JobTable.AddDue(db, item.Executor, new(at.ToMicros(), lastFire?.ToMicros()), item.Job);
        later.Add((item.Executor, at.ToMicros()));
    }

    void TakeWaiting(string executor, WaitingRun waiting)
    {
        var id = waiting.Id;
        var stored = tx.Job(id.Job).Stored with { Running = Running(id.Job) };
        wrote = true;
        var graceFrom = Decide.GraceFrom(id, waiting.Attempt, Instant.FromMicros(waiting.Due), tx.Now);
        if (Decide.Late(stored.Job, graceFrom, MomentOf(executor)) is { } reason)
        {
            WaitingTable.Miss(tx, waiting, reason);
            return;
        }
        if (!Decide.Waiting(stored))
        {
            WaitingTable.Block(db, id);
            return;
        }
        WaitingTable.Delete(db, id);
        Start(stored.Job, id, InZone(stored.Job, id.FireTime), waiting.Attempt, waiting.Luggage, graceFrom);
    }

    void Start(Job job, RunId id, DateTimeOffset fireTime, int attempt, Luggage luggage, DateTimeOffset? graceFrom)
    {
        var claim = token + 1;
        if (db[SqliteStatements.AddRun].With(id.FireTime).With(id.Job).With(id.Number).With(request.Epoch).With(claim).With(attempt).Run() == 0)
        {
            // The key holds even where the watermark was wrong.
            if (id.Number == 0) JobTable.AddEntry(tx, id.Job, new(job.Id, fireTime, fireTime, 1, Reason.AlreadyRan));
            return;
        }
        token = claim;
        luggage.With(db[SqliteStatements.AddRunning].With(id.Job).With(id.FireTime).With(id.Number).With(request.Epoch).With(attempt)).Run();
        running[id.Job]++;
        runs.Add(new(id, job, fireTime, luggage.Arguments ?? job.Arguments, attempt, claim, graceFrom));
    }

    bool Ran(long job, long fireTime) => RunTable.Ran(db, job, fireTime, trimmed);

    static DateTimeOffset InZone(Job job, long fireTime) => job.Trigger is { } trigger
        ? trigger.Zone.ToZone(Instant.FromMicros(fireTime))
        : Instant.FromMicros(fireTime);
}
