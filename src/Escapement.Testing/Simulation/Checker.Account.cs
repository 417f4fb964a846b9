using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Testing.Simulation;

sealed partial class Checker
{
    readonly Dictionary<JobId, DateTimeOffset> firsts = [];
    readonly HashSet<JobId> edited = [];

    /// <summary>A job stands in the store: its account begins with its first fire time, or with the first to which it was moved back.</summary>
    public void Changed(StoredJob job)
    {
        if (job.Next is { } first && !(firsts.TryGetValue(job.Job.Id, out var known) && known <= first)) firsts[job.Job.Id] = first;
    }

    /// <summary>A beat after its clock was set back no job may have ended whose trigger goes on by the clock as it is now.</summary>
    public void ClockIsRightAgain(SimulatedNode node)
    {
        var since = world.Now;
        var epoch = Current;
        world.In(Lease / 3 + TimeSpan.FromSeconds(3), () =>
        {
            if (Current != epoch || !IsCurrent(node) || !node.IsWell || node.IsEnding || machine.Store.IsOut || machine.Store.Stuck is not null || calm > since) return;
            foreach (var job in machine.Store.Inner.JobsAsync(null, ended: true, CancellationToken.None).Result)
                if (job.Ended == JobEnd.Exhausted && job.Job.Trigger!.Next(node.Clock.GetUtcNow()) is not null) world.Fail($"job {job.Job.Id} stays ended, though its trigger goes on");
        });
    }

    /// <summary>Somebody has changed a job.</summary>
    public void Edited(JobId job) => edited.Add(job);

    /// <summary>At the end: each due fire time is one run or in one entry, nothing is open, and what was lost is explained by what really was.</summary>
    public void Balance()
    {
        foreach (var run in open.Values) world.Fail($"{Name(run.Run.Job.Id, run.Run.FireTime)} of node {run.Owner} is never settled");
        foreach (var stored in machine.Store.Inner.JobsAsync(null, ended: true, CancellationToken.None).Result)
        {
            if (stored.Running != 0) world.Fail($"job {stored.Job.Id} counts {stored.Running} runs that go on, and none does");
            if (firsts.TryGetValue(stored.Job.Id, out var first)) Balance(stored, first);
        }
    }

    void Balance(StoredJob stored, DateTimeOffset first)
    {
        var (trigger, next) = (stored.Job.Trigger!, stored.Next ?? DateTimeOffset.MaxValue);
        var entries = machine.Store.Inner.EntriesAsync(stored.Job.Id, DateTimeOffset.MinValue, CancellationToken.None).Result;
        foreach (var entry in entries)
        {
            Explain(entry);
            if (trigger.Count(entry.First, entry.Last.AddTicks(1)) != entry.Count) world.Fail($"the entry {entry} does not count what the trigger yields");
        }
        long due = 0, ran = 0, skipped = entries.Where(entry => entry.Reason != Reason.AlreadyRan).Sum(entry => entry.Count);
        for (var at = first; at < next; at = trigger.Next(at.AddTicks(10)) ?? DateTimeOffset.MaxValue)
        {
            due++;
            var run = machine.Store.Inner.RunsAsync(new(Id: new(at.ToMicros(), stored.Number, 0)), CancellationToken.None).Result.Count;
            var its = entries.Where(entry => entry.First <= at && at <= entry.Last).ToLookup(entry => entry.Reason == Reason.AlreadyRan);
            var inEntries = its[false].Count();
            ran += run;
            if (run + inEntries != 1) world.Fail($"{Name(stored.Job.Id, at)} is {run} runs and in {inEntries} entries; it must be in one of them");

            // A wall clock or a job that was set back makes a fire time due once more that has run: its run counts, and an entry says so.
            if (its[true].Any() && (run == 0 || !(clockMoved || edited.Contains(stored.Job.Id)))) world.Fail($"{Name(stored.Job.Id, at)} is said to have run already");
        }
        // A clock that was set back to before a job existed leaves entries beyond its account.
        if (!clockMoved && due != ran + skipped) world.Fail($"the account of job {stored.Job.Id} does not balance: {due} due, {ran} ran, {skipped} in entries");
    }

    /// <summary>Whether a reason is true to what was: by the epochs as they were seen, each until its last sign of life.</summary>
    void Explain(Entry entry)
    {
        if (clockMoved || edited.Contains(entry.Job) || entry.Reason is Reason.Coalesced or Reason.MaxInstancesReached or Reason.ExecutorSaturated) return;
        if (entry.Reason is not (Reason.NoActiveNode or Reason.MisfireGraceExceeded))
        {
            world.Fail($"{entry.Job}@{(entry.First - World.Start).TotalSeconds:0.###} is explained by {entry.Reason}, and nothing like that was");
            return;
        }
        foreach (var at in new[] { entry.First - World.Start, entry.Last - World.Start })
        {
            var active = epochs.Exists(epoch => epoch.Begun <= at && !(at >= epoch.LastedUntil));
            if (active != (entry.Reason == Reason.MisfireGraceExceeded))
                world.Fail($"{entry.Job}@{at.TotalSeconds:0.###} is explained by {entry.Reason}, but {(active ? "a node was" : "no node was")} active");
        }
    }
}
