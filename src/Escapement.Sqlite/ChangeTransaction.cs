using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Changes jobs and the scheduler state. The edits are computed inside the transaction.</summary>
static class ChangeTransaction
{
    /// <summary>The number of edits from which all of <c>due</c> is read in advance. Without a cached place each lookup
    /// scans the whole table.</summary>
    const int Many = 8;

    /// <summary>Reads the jobs that a change concerns, and the pauses of tags and executors, outside the write
    /// transaction.</summary>
    public static (Dictionary<JobId, StoredJob> Jobs, IReadOnlyList<ScopedPause> Scopes) Read(SqliteSession db, Change change)
    {
        var jobs = change.Jobs.Count < Many && change.Pauses.Count == 0
            ? change.Jobs.Select(edit => JobTable.Find(db, edit.Job)).OfType<StoredJob>().DistinctBy(job => job.Job.Id)
            : JobTable.All(db, ended: true);
        return (jobs.ToDictionary(job => job.Job.Id), PauseTable.Scopes(db));
    }

    /// <summary>Runs the trigger searches of the edits in advance.</summary>
    public static void Prepare(
        Change change, (Dictionary<JobId, StoredJob> Jobs, IReadOnlyList<ScopedPause> Scopes) read, DateTimeOffset now)
    {
        var (stored, scopes) = read;
        foreach (var pause in change.Pauses)
        {
            scopes = pause.Apply(scopes, now).After(0);
            foreach (var job in stored.Values.Where(pause.Concerns).ToList())
                if (pause.Of(job.Job.Id).Prepare(now, job, scopes) is { } after) stored[job.Job.Id] = after;
        }

        foreach (var edit in change.Jobs)
            if (edit.Prepare(now, stored.GetValueOrDefault(edit.Job), scopes) is { } after) stored[edit.Job] = after;
    }

    public static Changed Run(Transaction tx, Change change)
    {
        _ = tx.State;
        if (change.Jobs.Count >= Many || change.Pauses.Count > 0) tx.Places = JobTable.AllPlaces(tx.Db);
        var paused = change.Pauses.Sum(pause => Run(tx, pause));
        var jobs = new StoredJob?[change.Jobs.Count];
        for (var i = 0; i < jobs.Length; i++)
        {
            var edited = JobEdits.Apply(JobTable.Find(tx.Db, change.Jobs[i].Job, tx), change.Jobs[i], tx.Now, tx.Scopes);
            jobs[i] = edited.Changed ? Write(tx, edited) : edited.After;
        }

        var state = StateTable.Read(tx.Db).Scheduler;
        if (change.State is { } asked && SchedulerEdits.Apply(state, asked, tx.Now) is { Changed: true } after)
        {
            StateTable.Write(tx.Db, after, tx.Now);
            tx.Notify(after.Signal);
            state = StateTable.Read(tx.Db).Scheduler;
        }

        foreach (var mark in change.Marks) LedgerTable.Add(tx.Db, mark);
        return new() { Jobs = jobs, JobsOfPauses = paused, State = state, Notification = tx.Notification };
    }

    /// <summary>Pauses or resumes a tag or an executor with its jobs.</summary>
    /// <returns>The number of changed jobs.</returns>
    static int Run(Transaction tx, ScopedPauseEdit pause)
    {
        var edited = pause.Apply(tx.Scopes, tx.Now);
        if (edited.Action is null) return 0;
        var scopes = Write(tx, edited);
        var changed = 0;
        foreach (var job in JobTable.All(tx.Db, ended: false).Where(pause.Concerns))
        {
            var change = JobEdits.Apply(job, pause.Of(job.Job.Id), tx.Now, scopes);
            if (!change.Changed) continue;
            Write(tx, change);
            changed++;
        }

        return changed;
    }

    /// <summary>Writes the change of a tag's or an executor's pause.</summary>
    /// <returns>The pauses of tags and executors after the change.</returns>
    static IReadOnlyList<ScopedPause> Write(Transaction tx, EditedScope edited)
    {
        var number = LedgerTable.Add(tx.Db, edited.Action!, null);
        if (edited.ClosesAt is { } at) PauseTable.Close(tx.Db, edited.Scope, edited.Name, at);
        if (edited.Pause(number) is { } pause) PauseTable.Open(tx.Db, edited.Scope, edited.Name, pause);

        // Other processes read the scopes again.
        JobTable.Stamp(tx);
        return tx.Jobs.Scopes = edited.After(number);
    }

    /// <exception cref="FormatException">The place of the job in <c>due</c> was changed by hand. Only a new definition or the
    /// end of the job replaces the place.</exception>
    static StoredJob Write(Transaction tx, EditedJob edited)
    {
        if (edited is { Before: { Job.Error: { } error } before, After.Ended: null } && tx.Misplaced.Contains(before.Number)
            && ReferenceEquals(before.Job, edited.After.Job))
        {
            throw new FormatException(error);
        }

        var after = JobTable.Write(tx, edited);
        EndTransaction.Follow(tx, edited, after);
        tx.Notify(edited.Signal);
        return after;
    }
}
