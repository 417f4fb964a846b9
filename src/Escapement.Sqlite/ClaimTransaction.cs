using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Claims due work: reads the due rows, passes them to a <see cref="ClaimPlan"/> and writes the
/// plan.</summary>
static class ClaimTransaction
{
    /// <summary>Runs the claim in an open transaction. Writes nothing when nothing is due.</summary>
    public static Claimed Run(Transaction tx, ClaimRequest request)
    {
        var state = tx.State;
        if (state.Scheduler.ShutDown is not null || EpochTable.WithToken(tx.Db, request.Epoch) is not var (epoch, token)
            || !EpochRules.MayClaim(epoch, request))
        {
            return Claimed.Refused;
        }

        var plan = tx.Jobs.Plan;
        plan.Begin(tx.Now, request, state.Scheduler, tx.Jobs.Downtimes(tx.Db, request.Epoch), tx.Scopes);
        var items = DueRows.Read(tx, plan, request.FreePlaces.Keys);
        var places = DueRows.Places(items, plan);
        foreach (var item in items)
            if (item.Job.SetAside is null && plan.Wants(item.Place.Executor)) Take(tx, plan, item, places);

        var tokens = Write(tx, plan, request, places, token);
        var claimed = plan.Answer(tokens);
        if (request.Unanswered is { } from) claimed = claimed.After(HandedOutAgain(tx, request, from));

        // The claim number is written, so that an abandoned claim is rejected when it arrives late.
        if (!plan.Writes && request.Unanswered is null) return claimed;
        EpochTable.Write(tx.Db, EpochRules.Heartbeat(epoch, tx.Now) with { Claims = Math.Max(request.Number, epoch.Claims) },
            tokens.Length == 0 ? token : Math.Max(token, tokens.Max()));
        return claimed;
    }

    static void Take(Transaction tx, ClaimPlan plan, in DueRow item, Dictionary<long, DuePlace> places)
    {
        var stored = item.Job.Stored;
        var running = stored.Job.Options.MaxInstances is null ? 0 : WaitingTable.Running(tx, item.Job);
        if (item.Waiting is { } waiting)
        {
            var now = places.TryGetValue(stored.Number, out var due) ? DuePlaces.At(stored, due).State : stored.State;
            plan.Take(stored, now with { Running = running }, waiting);
            return;
        }

        var state = DuePlaces.At(stored, item.Place).State with { Running = running };
        var entry = LedgerTable.Last(tx.Db, stored, item.Place);
        if (plan.Take(stored, state, entry) == Taken.ReadRan)
            plan.Take(stored, state, entry, RunTable.Ran(tx.Db, stored.Number, plan.Lookups));
    }

    /// <returns>The fencing token of each run, or 0 if the row of the run's job had changed.</returns>
    static long[] Write(Transaction tx, ClaimPlan plan, ClaimRequest request, Dictionary<long, DuePlace> places, long token)
    {
        if (plan.State.Changed) StateTable.Write(tx.Db, plan.State, tx.Now);
        Span<bool> held = plan.Units.Length <= 512 ? stackalloc bool[plan.Units.Length] : new bool[plan.Units.Length];
        Dictionary<int, long> entries = [];
        foreach (ref readonly var entry in plan.Entries) entries[entry.Unit] = entry.Entry.Last.ToMicros();
        for (var i = 0; i < held.Length; i++) held[i] = Move(tx, plan.Units[i], places, entries.TryGetValue(i, out var last) ? last : null);
        foreach (ref readonly var entry in plan.Entries)
            if (held[entry.Unit]) LedgerTable.Add(tx.Db, plan.Units[entry.Unit].Job.Number, entry);
        foreach (ref readonly var wait in plan.Waits)
        {
            if (!held[wait.Unit]) continue;
            RemoveMissed(tx.Db, wait.Run.Id, plan.Units[wait.Unit]);
            WaitingTable.Add(tx.Db, wait.Run, plan.Units[wait.Unit].Job.Job.Options);
        }

        foreach (ref readonly var fate in plan.Fates)
        {
            if (!held[fate.Unit]) continue;
            if (fate.End is { } end) EndTransaction.EndWaiting(tx, fate.Run, end);
            else WaitingTable.Block(tx, fate.Run.Id);
        }

        var tokens = new long[plan.Runs.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            ref readonly var run = ref plan.Runs[i];
            if (!held[run.Unit] || (run.Waited is not null && !WaitingTable.Delete(tx.Db, run.Id))
                || !RunTable.Start(tx, run, request, token + 1))
            {
                continue;
            }

            tokens[i] = ++token;
            RemoveMissed(tx.Db, run.Id, plan.Units[run.Unit]);
            WaitingTable.Counts(tx, run.Id.Job, running: 1);
        }

        tx.Notify(plan.Signal);
        return tokens;
    }

    /// <summary>Removes the missed run with the same key, so that a fire time has a single run. Only a waiting fire
    /// time, or a fire time that is not later than the last claimed fire time, can have been missed.</summary>
    static void RemoveMissed(SqliteSession db, RunId id, in ClaimUnit unit)
    {
        if (id.Number == 0 && (!unit.Moves || id.FireTime <= unit.Before.Last))
        {
            db[SqliteStatements.DeleteMissed].With(id.FireTime).With(id.Job).With(id.Number).Run();
        }
    }

    /// <summary>Moves a job to its next fire time.</summary>
    /// <returns>False if the job's row in <c>due</c> was changed by hand. Nothing is then written for the job, and the
    /// job is skipped until its row changes.</returns>
    static bool Move(Transaction tx, in ClaimUnit unit, Dictionary<long, DuePlace> places, long? entryLast)
    {
        if (!unit.Moves) return true;
        var number = unit.Job.Number;
        if (!JobTable.DeleteDue(tx, places[number], number))
        {
            if (tx.Job(number) is { } odd) odd.SetAside = "The job's row in the table due was changed during the claim.";
            return false;
        }

        if (unit.Marks) JobTable.WriteMarks(tx, unit);
        JobTable.AddDue(tx, unit.Marks ? unit.Marked(tx.Now) : unit.Job with { State = unit.After }, entryLast);
        if (unit.Marks) tx.Jobs.Remove(number);
        return true;
    }

    static List<ClaimedRun> HandedOutAgain(Transaction tx, ClaimRequest request, long from)
    {
        List<OpenRun> open = [];
        var row = tx.Db[SqliteStatements.RunningSince].With(request.Epoch).With(from).With(request.Number);
        while (row.Read()) open.Add(RunTable.ReadRunning(row, request.Node));
        List<ClaimedRun> runs = [];
        foreach (var run in open)
        {
            if (tx.Job(run.Id.Job)?.Stored.Job is not { } job) continue;
            runs.Add(new()
            {
                Id = run.Id,
                Job = job,
                FireTime = RunPages.FireTime(job, run.Id),
                Arguments = run.Arguments ?? job.Arguments,
                Attempt = run.Attempt,
                Token = run.Token,
                MisfireGraceFrom = run.MisfireGraceFrom,
            });
        }

        return runs;
    }
}
