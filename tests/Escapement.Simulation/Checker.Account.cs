using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Testing.Stores;

namespace Escapement.Simulation;

sealed partial class Checker
{
    /// <summary>
    /// The time within which a node notices that the store can be written again. Absences of the node do not count.
    /// </summary>
    static readonly TimeSpan FindsOut = TimeSpan.FromSeconds(8);

    readonly Dictionary<JobId, DateTimeOffset> firsts = [];
    readonly HashSet<JobId> edited = [];
    readonly Dictionary<JobId, (DateTimeOffset From, DateTimeOffset To)> removed = [];
    readonly List<(TimeSpan At, SimulatedNode Node)> outages = [];

    /// <summary>
    /// Records a stored job. Its account begins with its first
    /// fire time, or with the first fire time after a move back.
    /// </summary>
    public void Changed(StoredJob job)
    {
        if (job.Ended is null && removed.TryGetValue(job.Job.Id, out var gone)
            && gone.To == DateTimeOffset.MaxValue)
        {
            removed[job.Job.Id] = gone with { To = machine.Store.Now };
        }

        if (job.Next is { } first && !(firsts.TryGetValue(job.Job.Id, out var known) && known <= first)) firsts[job.Job.Id] = first;
    }

    /// <summary>
    /// Records the removal of a job and of its fire times from the next fire time until the job is added again.
    /// </summary>
    public void Removed(JobId job, DateTimeOffset? next)
    {
        var from = next is { } first && first < machine.Store.Now ? first : machine.Store.Now;
        removed[job] = (removed.TryGetValue(job, out var known) && known.From < from ? known.From : from, DateTimeOffset.MaxValue);
    }

    /// <summary>
    /// Checks a node a heartbeat after its clock was set back.
    /// No job may have ended if its trigger continues by the corrected clock.
    /// </summary>
    public void ClockIsRightAgain(SimulatedNode node)
    {
        var since = world.Now;
        var epoch = Current;
        world.In(Lease / 3 + TimeSpan.FromSeconds(3), () =>
        {
            if (Current != epoch || !IsCurrent(node) || !node.IsWell || node.IsEnding || machine.Store.IsOut
                || machine.Store.Stuck is not null || calm > since)
            {
                return;
            }

            foreach (var job in machine.Store.Ledger(null).Jobs)
            {
                if (job.Ended == JobEnd.Exhausted && job.Job.Trigger!.Next(node.Clock.GetUtcNow()) is not null)
                {
                    world.Fail(Law.EndedJobsAreOver, $"job {job.Job.Id} stays ended, though its trigger goes on");
                }
            }
        });
    }

    /// <summary>Records a change to a job.</summary>
    public void Edited(JobId job) => edited.Add(job);

    /// <summary>
    /// Checks the final balance. A layer of the ledger records the fate of each
    /// due fire time, nothing is open, and each loss is explained by a real event.
    /// </summary>
    public void Balance()
    {
        foreach (var run in open.Values)
        {
            world.Fail(Law.RunsAreSettled, $"{Name(run.Run.Job.Id, run.Run.FireTime)} of node {run.Owner} is never settled");
        }

        foreach (var stored in machine.Store.Ledger(null).Jobs)
        {
            if (stored.Running != 0)
            {
                world.Fail(Law.CountsAreTrue, $"job {stored.Job.Id} counts {stored.Running} runs that go on, and none does");
            }

            var ledger = machine.Store.Ledger(stored.Job.Id, runs: true);
            foreach (var run in ledger.Runs) Compare(run);
            foreach (var entry in ledger.Entries) Explain(stored, entry, ledger);
            if (firsts.TryGetValue(stored.Job.Id, out var first)) Balance(stored, first, ledger);
        }

        laws.Balance(machine.Store.Audit());
    }

    /// <summary>
    /// Compares a run in the ledger with the observed run:
    /// its claim, its end, and success only after the start of its handler.
    /// </summary>
    void Compare(Run run)
    {
        var name = Name(run.Job, run.FireTime);
        // A backfill may wait for all earlier fire times of its job that are made up.
        if (run is { State: RunState.Waiting, Attempt: 0, Cause: not RunCause.Backfill } && run.FireTime < World.Start + world.Now - Lease * 3 && !clockMoved)
        {
            world.Fail(Law.WaitingRunsAreClaimed, $"{name} waits and is never claimed");
        }

        if (run.State == RunState.Running) world.Fail(Law.RunsAreSettled, $"{name} is running in the ledger, and no node is left");
        laws.Compare(run);
    }

    void Balance(StoredJob stored, DateTimeOffset first, LedgerPart ledger)
    {
        var (job, trigger, next) = (stored.Job.Id, stored.Job.Trigger!, stored.Next ?? DateTimeOffset.MaxValue);
        var reader = new LedgerReader(ledger);
        var seen = ledger.Runs.Where(run => run.Id.Number == 0).Select(run => run.FireTime).ToHashSet();
        for (var at = first; at < next; at = trigger.Next(at.AddTicks(10)) ?? DateTimeOffset.MaxValue)
        {
            seen.Remove(at);
            var fate = reader.FateOf(job, at);
            var moved = clockMoved || edited.Contains(job);
            if (fate.Layer == LedgerLayer.Definition && removed.TryGetValue(job, out var gone) && gone.From <= at && at <= gone.To)
            {
                continue;
            }

            if (fate.Layer is LedgerLayer.Uncovered or LedgerLayer.Due or LedgerLayer.Definition)
            {
                world.Fail(Law.AccountBalances,
                    $"the account of job {job} does not balance: no layer of the ledger covers {Name(job, at)} ({fate})");
            }

            if (fate.Action is { } action && !moved)
            {
                world.Fail(Law.LedgerIsTrue, $"{Name(job, at)} is passed over by {action.Kind}, and nobody changed the job");
            }

            CheckOnce(job, at, fate, ledger, moved);
        }

        // A paused job that was set back has runs beyond its watermark.
        seen.RemoveWhere(at => at >= next && edited.Contains(job));
        if (seen.Count > 0 && !clockMoved)
        {
            world.Fail(Law.LedgerIsTrue, $"{Name(job, seen.Min())} has a run in the ledger, and is no fire time of the job that is due");
        }
    }

    /// <summary>
    /// Checks that a fire time is decided once.
    /// A fire time has a run or is in one entry, unless its job or a clock was set back later.
    /// </summary>
    void CheckOnce(JobId job, DateTimeOffset at, FireTimeFate fate, LedgerPart ledger, bool moved)
    {
        var opened = ledger.Actions.LastOrDefault(action => action.Job == job && action.To <= at && !(action.From < action.To))?.Change
            ?? 0;
        var inEntries = ledger.Entries.Count(entry => entry.First <= at && at <= entry.Last && entry.Change > opened);

        // A backfill keeps the reason of a missed run in an entry of its own.
        if (inEntries > 1 && fate.Run is not { Cause: RunCause.Backfill }) world.Fail(Law.DecidedOnce, $"{Name(job, at)} is in {inEntries} entries; it must be in one");

        // A fire time claimed beyond its grace counts as missed.
        // After a move back, an entry may cover a fire time with a run. A backfill lies above the entry of its fire time.
        if (inEntries > 0 && fate.Run is { Cause: not RunCause.Backfill } && !moved)
        {
            world.Fail(Law.DecidedOnce, $"{Name(job, at)} is a run and in an entry; it must be one of them");
        }
    }

    /// <summary>
    /// Checks the reason of an entry against the observed epochs. Each epoch lasted until its last sign of life.
    /// </summary>
    void Explain(StoredJob stored, Entry entry, LedgerPart ledger)
    {
        var name = $"{entry.Job}@{(entry.First - World.Start).TotalSeconds:0.###}";
        if (entry.Last < entry.First) world.Fail(Law.LedgerIsTrue, $"the entry of {name} ends before it begins");
        foreach (var at in new[] { entry.First, entry.Last })
        {
            if (stored.Job.Trigger!.Next(at) != at)
            {
                world.Fail(Law.LedgerIsTrue, $"the entry of {name} begins or ends at {Name(entry.Job, at)}, which is no fire time");
            }
        }

        if (clockMoved || edited.Contains(entry.Job)
            || entry.Reason is Reason.Coalesced or Reason.MaxInstancesReached or Reason.ExecutorSaturated)
        {
            return;
        }

        if (entry.Reason == Reason.SchedulerPaused)
        {
            if (!machine.Store.Ledger(null).Pauses.Any(pause =>
                pause.Scope == PauseScope.All && pause.Pause.At <= entry.First && !(entry.Last >= pause.Ended)))
            {
                world.Fail(Law.ReasonsAreTrue, $"{name} is explained by {entry.Reason}, and the scheduler was not paused then");
            }

            return;
        }

        if (entry.Reason is not (Reason.NoActiveNode or Reason.MisfireGraceExceeded or Reason.StoreUnavailable))
        {
            world.Fail(Law.ReasonsAreTrue, $"{name} is explained by {entry.Reason}, and nothing like that was");
            return;
        }

        foreach (var fireTime in new[] { entry.First, entry.Last })
        {
            // A missed run that is made up leaves its reason in an entry. The run was judged at its start, delayed by jitter.
            var isMadeUp = ledger.Runs.Any(run => run.Cause == RunCause.Backfill && run.FireTime == fireTime);
            var found = Untrue(entry, fireTime - World.Start);
            if (isMadeUp && Untrue(entry, Jitter.StartOf(stored.Job, fireTime) - World.Start) is null) found = null;
            if (found is not null) world.Fail(Law.ReasonsAreTrue, $"{Name(entry.Job, fireTime)} is explained by {entry.Reason}, but {found}");
        }
    }

    /// <summary>Returns an event that contradicts the reason of an entry at an instant, or null.</summary>
    string? Untrue(Entry entry, TimeSpan at)
    {
        // If every node is active, the entry was judged at its claim, because an epoch may be ended retroactively
        // for a period with later claims.
        var active = epochs.Exists(epoch => epoch.Begun <= at && !(at >= epoch.LastedUntil));
        if (!machine.EveryNodeIsActive && active == (entry.Reason == Reason.NoActiveNode))
            return active ? "a node was active" : "no node was active";
        return entry.Reason == Reason.StoreUnavailable
            && !outages.Exists(met => met.At <= at && at <= met.At + FindsOut + met.Node.Presence.AwaySince(met.At))
            ? "the store could be written" : null;
    }

    /// <summary>Records that the store rejected a node's access.</summary>
    public void StoreWasAway(SimulatedNode node) => outages.Add((world.Now, node));
}
