using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>
/// The actions of clients in the store: changes of jobs, requests for runs, and a foreign transaction.
/// </summary>
sealed partial class Machine
{
    /// <summary>Changes a job through a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="edit">The change.</param>
    /// <param name="named">The job, or null for a random job.</param>
    /// <returns>The job as declared.</returns>
    public Job Edit(SimulatedNode node, Func<Job, JobEdit> edit, Job? named = null)
    {
        var job = named ?? Jobs[world.Pick(Jobs.Count)];
        node.Tell($"is asked to change job {job.Id}");
        node.Do(async () =>
        {
            try
            {
                var asked = edit(job);
                var watched = asked with
                {
                    Edit = (before, now) =>
                    {
                        Checker.Edited(job.Id);
                        if (asked.Kind == ActionKind.Removed) Checker.Removed(job.Id, before?.Next);
                        return asked.Edit(before, now);
                    },
                };
                var stored = (await node.Store!.ChangeAsync(new() { Jobs = [watched] }, CancellationToken.None)).Jobs[0]!;
                node.Tell($"has changed job {stored.Job.Id}: {(stored.Paused is null ? $"next at {(stored.Next - World.Start)?.TotalSeconds:0.###}" : "paused")}");
            }
            catch (Exception e) when (e is StoreUnavailableException or JobNotFoundException or JobExistsException or JobPausedException)
            {
                node.Tell($"cannot change job {job.Id}: {e.Message}");
            }
        });
        return job;
    }

    /// <summary>Pauses or resumes a tag or an executor through a node.</summary>
    public void ChangePause(SimulatedNode node, ScopedPauseEdit edit) => node.Do(async () =>
    {
        try
        {
            foreach (var job in Jobs) Checker.Edited(job.Id);
            var changed = await node.Store!.ChangeAsync(new() { Pauses = [edit] }, CancellationToken.None);
            node.Tell($"has changed {changed.JobsOfPauses} jobs of {edit.Scope} {edit.Name}");
        }
        catch (Exception e) when (e is StoreUnavailableException or ArgumentOutOfRangeException)
        {
            node.Tell($"cannot change the pause of {edit.Scope} {edit.Name}: {e.Message}");
        }
    });

    /// <summary>Requests a run of a random job through a node.</summary>
    public void AskForRun(SimulatedNode node)
    {
        var job = Jobs[world.Pick(Jobs.Count)].Id;
        node.Do(async () =>
        {
            try
            {
                var asked = await node.Store!.EnqueueAsync([new() { Job = job }], CancellationToken.None);
                node.Tell($"has asked for run {asked[0].Run} of job {job}");
            }
            catch (Exception e) when (e is StoreUnavailableException or JobNotFoundException)
            {
                node.Tell($"cannot ask for a run of job {job}: {e.Message}");
            }
        });
    }

    /// <summary>Changes the state of the scheduler through a node.</summary>
    public static void ChangeState(SimulatedNode node, StateEdit edit) => node.Do(async () =>
    {
        try
        {
            await node.Store!.ChangeAsync(new() { State = edit }, CancellationToken.None);
            node.Tell($"has changed the state: {edit.Kind}");
        }
        catch (StoreUnavailableException e)
        {
            node.Tell($"cannot change the state: {e.Message}");
        }
    });

    /// <summary>Gets the number of foreign transactions that hold a job's row.</summary>
    public int ForeignLocks { get; private set; }

    /// <summary>Locks the row of a random job in a foreign transaction as soon as the row is free.</summary>
    /// <returns>Ends the transaction. Null while no job is stored.</returns>
    public Action? LockJob()
    {
        var job = Jobs[world.Pick(Jobs.Count)].Id;
        if (Store.Rows(job).Count == 0) return null;
        world.Tell($"a foreign transaction locks the row of job {job}");
        ForeignLocks++;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.Server.Do(HoldAsync);
        return over.SetResult;

        async Task HoldAsync()
        {
            using (await Store.Inner.LockJobAsync(job)) await over.Task;
            ForeignLocks--;
        }
    }
}
