using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.PostgreSql;

/// <summary>Changes jobs and the scheduler state. The edits are computed inside the transaction.</summary>
static class ChangeTransaction
{
    /// <summary>Reads the jobs that a change concerns, and the pauses of tags and executors, outside the write
    /// transaction.</summary>
    public static async Task<(Dictionary<JobId, StoredJob> Jobs, IReadOnlyList<ScopedPause> Scopes)> ReadAsync(Session db, Change change)
    {
        var jobs = change.Pauses.Count == 0
            ? await JobTable.FindAsync(db, change.Jobs.Select(edit => edit.Job))
            : await JobTable.AllAsync(db, ended: true);
        return (jobs.ToDictionary(job => job.Job.Id), await PauseTable.ScopesAsync(db));
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

    public static async Task<Changed> RunAsync(Transaction tx, Change change)
    {
        var db = tx.Db;

        // Rows in the order of all transactions: state, epochs, jobs. The jobs of a pause are all jobs that it concerns: while the
        // state is locked alone, no edit can bring another job into the tag or executor.
        await StateTable.LockAsync(db, alone: change.State is not null || change.Pauses.Count > 0);
        if (change.State is not null) await EpochTable.LockLivingAsync(db);
        if (change.Pauses.Count > 0)
        {
            var concerned = (await JobTable.AllAsync(db, ended: false)).Where(job => change.Pauses.Any(pause => pause.Concerns(job)));
            await JobTable.LockAsync(db, concerned.Select(job => job.Job.Id).Concat(change.Jobs.Select(edit => edit.Job)));
        }
        else if (change.Jobs.Count > 0)
        {
            await JobTable.LockAsync(db, change.Jobs.Select(edit => edit.Job));
        }

        await tx.ReadClockAsync();
        var scopes = await PauseTable.ScopesAsync(db) as IReadOnlyList<ScopedPause>;
        var paused = 0;
        foreach (var pause in change.Pauses) (scopes, paused) = await RunAsync(tx, pause, scopes, paused);
        var jobs = new StoredJob?[change.Jobs.Count];
        for (var i = 0; i < jobs.Length; i++)
        {
            var edited = JobEdits.Apply(await JobTable.FindAsync(db, change.Jobs[i].Job), change.Jobs[i], tx.Now, scopes);
            if (edited.Changed) await CheckAsync(db, edited);
            jobs[i] = edited.Changed ? await WriteAsync(tx, edited) : edited.After;
        }

        var state = (await StateTable.ReadAsync(db)).Scheduler;
        if (change.State is { } asked && SchedulerEdits.Apply(state, asked, tx.Now) is { Changed: true } after)
        {
            await StateTable.WriteAsync(db, after, tx.Now);
            tx.Notify(after.Signal);
            state = (await StateTable.ReadAsync(db)).Scheduler;
        }

        foreach (var mark in change.Marks) await LedgerTable.AddAsync(db, mark);
        return new() { Jobs = jobs, JobsOfPauses = paused, State = state, Notification = tx.Notification };
    }

    /// <summary>Throws for a change that would keep the row in <c>due</c> of a job that is set aside. Only a new definition or the
    /// end of the job replaces the row.</summary>
    static async Task CheckAsync(Session db, EditedJob edited)
    {
        if (edited is { Before: { Job.Error: { } error } before, After.Ended: null } && ReferenceEquals(before.Job, edited.After.Job)
            && await JobTable.FindAsync(db, [before.Number]) is [{ IsSetAside: true }])
        {
            throw new FormatException(error);
        }
    }

    /// <summary>Pauses or resumes a tag or an executor with its jobs.</summary>
    /// <returns>The pauses after the change, and the number of changed jobs.</returns>
    static async Task<(IReadOnlyList<ScopedPause> Scopes, int Changed)> RunAsync(
        Transaction tx, ScopedPauseEdit pause, IReadOnlyList<ScopedPause> scopes, int changed)
    {
        var edited = pause.Apply(scopes, tx.Now);
        if (edited.Action is null) return (scopes, changed);
        scopes = await WriteAsync(tx, edited);
        foreach (var job in (await JobTable.AllAsync(tx.Db, ended: false)).Where(pause.Concerns))
        {
            var change = JobEdits.Apply(job, pause.Of(job.Job.Id), tx.Now, scopes);
            if (!change.Changed) continue;
            await WriteAsync(tx, change);
            changed++;
        }

        return (scopes, changed);
    }

    /// <summary>Writes the change of a tag's or an executor's pause.</summary>
    /// <returns>The pauses of tags and executors after the change.</returns>
    static async Task<IReadOnlyList<ScopedPause>> WriteAsync(Transaction tx, EditedScope edited)
    {
        var number = await LedgerTable.AddAsync(tx.Db, edited.Action!, null);
        if (edited.ClosesAt is { } at) await PauseTable.CloseAsync(tx.Db, edited.Scope, edited.Name, at);
        if (edited.Pause(number) is { } pause) await PauseTable.OpenAsync(tx.Db, edited.Scope, edited.Name, pause);
        await StateTable.StampAsync(tx.Db);
        return edited.After(number);
    }

    static async Task<StoredJob> WriteAsync(Transaction tx, EditedJob edited)
    {
        var after = await JobTable.WriteAsync(tx, edited);
        await EndTransaction.FollowAsync(tx, edited, after);
        tx.Notify(edited.Signal);
        return after;
    }
}
