using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Ends claimed runs: records the outcome from their node, or settles the runs of a lost node. The later of
/// the two is rejected.</summary>
static class EndTransaction
{
    /// <summary>Writes outcomes, each only if its node still owns the run.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="finished">The outcomes.</param>
    /// <param name="waits">True to wait for jobs that other transactions hold. Otherwise the outcomes of these jobs are left.</param>
    /// <returns>The number of rejected outcomes, and the outcomes that are left.</returns>
    public static async Task<(int Refused, List<Finished> Left)> RecordAsync(Transaction tx, IReadOnlyList<Finished> finished, bool waits)
    {
        // The rows of the jobs first: what is read afterwards cannot change.
        var jobs = finished.Select(end => end.Id.Job);
        var locked = waits ? await JobTable.LockAsync(tx.Db, jobs) : await JobTable.LockFreeAsync(tx.Db, jobs);
        List<Finished> left = [];
        if (!waits)
        {
            left = [.. finished.Where(end => !locked.ContainsKey(end.Id.Job))];
            finished = [.. finished.Where(end => locked.ContainsKey(end.Id.Job))];
        }

        var open = (await RunTable.RunningAsync(tx.Db, [.. finished.Select(end => end.Id).Distinct()])).ToDictionary(run => run.Id);
        var ends = new Ends(tx, locked);
        List<Finished> others = [];
        List<(OpenRun Open, Finished End)> taken = [];
        foreach (var end in finished)
        {
            if (open.TryGetValue(end.Id, out var run) && RunEnds.Takes(run, end) && open.Remove(end.Id)) taken.Add((run, end));
            else others.Add(end);
        }

        if (taken.Count > 0) await ends.WriteAsync(taken);
        var refused = 0;
        foreach (var end in others)
            if (!RunEnds.IsRecorded(await RunTable.FindAsync(tx.Db, end.Id), end)) refused++;
        return (refused, left);
    }

    /// <summary>Settles the runs of lost nodes, and of epochs that another node ended.</summary>
    /// <returns>The number of settled runs.</returns>
    public static async Task<int> SettleAsync(Transaction tx, IReadOnlyCollection<string> lost)
    {
        // A statement after the one that ended the epochs: it sees the claims that were under way.
        if (await LostAsync(tx, lost) is not { Count: > 0 } found) return 0;
        var ends = new Ends(tx, await JobTable.LockAsync(tx.Db, found.Select(run => run.Id.Job)));
        var known = found.Select(run => run.Id).ToHashSet();

        // A record may have ended a run during the wait for the rows.
        List<(OpenRun Open, Finished End)> runs =
            [.. (await LostAsync(tx, lost)).Where(run => known.Contains(run.Id)).Select(run => (run, RunEnds.Lost(run, tx.Now)))];
        if (runs.Count > 0) await ends.WriteAsync(runs);
        return runs.Count;
    }

    static async Task<List<OpenRun>> LostAsync(Transaction tx, IReadOnlyCollection<string> lost)
    {
        var runs = await RunTable.OfEndedAsync(tx.Db, lost);
        if (runs.Count == 0) return runs;
        var epochs = await EpochTable.FindAsync(tx.Db, runs.Select(run => run.Epoch));
        return runs.FindAll(run => EpochRules.IsLost(epochs.GetValueOrDefault(run.Epoch), lost));
    }

    /// <summary>Puts the runs of unanswered claims back to waiting. These runs never started.</summary>
    public static async Task PutBackAsync(Transaction tx, long epoch, long claim)
    {
        // The epoch's row is locked, so that no claim comes between.
        var open = await RunTable.SinceAsync(tx.Db, epoch, claim, long.MaxValue);
        if (open.Count == 0) return;
        var locked = await JobTable.LockAsync(tx.Db, open.Select(run => run.Id.Job));
        open = await RunTable.SinceAsync(tx.Db, epoch, claim, long.MaxValue);
        await RunTable.DeleteRunningAsync(tx.Db, [.. open.Select(run => run.Id)]);
        await WaitingTable.AddAsync(tx.Db, [.. open.Select(RunEnds.PutBack)]);
        await RunTable.FreeAsync(tx.Db, [.. open.CountBy(run => run.Id.Job).Select(job => (job.Key, (long)job.Value, 1L))]);
        await UnblockAsync(tx, locked, open.CountBy(run => run.Id.Job));
    }

    static async Task UnblockAsync(Transaction tx, Dictionary<long, LockedJob> locked, IEnumerable<KeyValuePair<long, int>> freed)
    {
        List<(long, long)> waiting = [.. freed.Where(job => locked.TryGetValue(job.Key, out var row) && row.Blocked > 0)
            .Select(job => (job.Key, (long)job.Value))];
        if (waiting.Count == 0) return;
        await WaitingTable.UnblockAsync(tx.Db, waiting);
        tx.Notify(StoreSignal.Work);
    }

    /// <summary>Updates a changed job's waiting runs: the runs get the job's executor, priority and limit, or end with
    /// the job.</summary>
    public static async Task FollowAsync(Transaction tx, EditedJob edited, StoredJob after)
    {
        if (edited.Waiting == WaitingFate.Stay) return;
        if (edited.EndsWaiting is not { } reason)
        {
            await WaitingTable.FollowAsync(tx.Db, after.Number);
            return;
        }

        var waiting = await WaitingTable.OfJobAsync(tx.Db, after.Number);
        await EndWaitingAsync(tx, [.. waiting.Select(run => (run, RunEnds.Unclaimed(run, reason, tx.Now), after.Job.Options))]);
        await WaitingTable.FollowAsync(tx.Db, after.Number);
    }

    /// <summary>Ends waiting runs that never start.</summary>
    public static async Task EndWaitingAsync(Transaction tx, IReadOnlyList<(WaitingRun Run, RunEnd End, JobOptions Options)> runs)
    {
        if (runs.Count == 0) return;
        await WaitingTable.DeleteAsync(tx.Db, [.. runs.Select(run => run.Run.Id)]);
        await RunTable.AddAsync(tx.Db, [.. runs.Select(run => new EndedRun(run.End, null, run.Run.Arguments, run.Run.HasKey, run.Run.Cause,
            TrimRules.LimitOf(run.Options, run.End.Outcome, run.Run.Cause)))]);
        foreach (var (run, _, _) in runs)
            if (run.Watched) tx.Notify(StoreSignal.RunEnded, run.Id);
    }

    /// <summary>Ends of runs of locked jobs.</summary>
    sealed class Ends(Transaction tx, Dictionary<long, LockedJob> locked)
    {
        readonly List<EndedRun> ended = [];
        readonly List<WaitingRun> again = [];
        readonly List<RunEnd> counted = [];
        readonly Dictionary<long, (long Ended, long Changes)> freed = [];

        public async Task WriteAsync(IReadOnlyList<(OpenRun Open, Finished End)> runs)
        {
            var jobs = await JobTable.MarksAsync(tx, locked);
            await RunTable.DeleteRunningAsync(tx.Db, [.. runs.Select(run => run.Open.Id)]);
            foreach (var (open, end) in runs) await EndAsync(open, end, jobs.GetValueOrDefault(open.Id.Job));
            await RunTable.AddAsync(tx.Db, ended);
            await WaitingTable.AddAsync(tx.Db, again);
            await RunTable.FreeAsync(tx.Db, [.. freed.Select(job => (job.Key, job.Value.Ended, job.Value.Changes))]);

            // A statement of its own: what a claim blocked before the rows were locked is seen only now.
            await UnblockAsync(tx, locked, freed.Select(job => KeyValuePair.Create(job.Key, (int)job.Value.Ended)));
            if (counted.Count > 0) await CountAsync();
        }

        async Task EndAsync(OpenRun open, Finished how, StoredJob? job)
        {
            var after = RunEnds.After(job, open, how);
            var (ends, changes) = freed.GetValueOrDefault(open.Id.Job);
            freed[open.Id.Job] = (ends + 1, changes + (after.Again is null ? 0 : 1));
            if (after.Again is { } retry)
            {
                again.Add(retry);
                await RunTable.AddAttemptAsync(tx.Db, open.Id, RunEnds.AttemptOf(open, after.Attempt!));
            }

            if (after.End is { } end)
            {
                ended.Add(new(end, open, open.Arguments, open.HasKey, open.Cause,
                    job is null ? HistoryLimit.None : TrimRules.LimitOf(job.Job.Options, end.Outcome, open.Cause)));
                if (FailuresInRow.AreCounted(job)) counted.Add(end);
            }

            if (after.Signal != StoreSignal.None) tx.Notify(after.Signal, open.Id);
        }

        /// <summary>Counts failures in a row, and pauses jobs after as many as they allow.</summary>
        async Task CountAsync()
        {
            await tx.ReadClockAsync();
            var scopes = await PauseTable.ScopesAsync(tx.Db);
            foreach (var end in counted)
            {
                if (await JobTable.FindAsync(tx.Db, [end.Id.Job]) is not [{ Stored: var stored }]) continue;
                var after = FailuresInRow.After(stored, end);
                if (after.Count is { } count) await JobTable.CountFailuresAsync(tx.Db, stored.Number, count);
                if (after.Pause is not { } pause) continue;
                stored = stored with { Failures = after.Count ?? stored.Failures };
                if (JobEdits.Apply(stored, pause, tx.Now, scopes) is not { Changed: true } edited) continue;
                await FollowAsync(tx, edited, await JobTable.WriteAsync(tx, edited));
                tx.Notify(edited.Signal);
            }
        }
    }
}
