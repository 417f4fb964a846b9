using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>Checks the forbidden states of a store in which every node is active under its own epoch.</summary>
sealed partial class Checker
{
    /// <summary>
    /// The time within which a node begins its epoch. A failed attempt waits two seconds for its answer, and the next
    /// attempt follows a second later.
    /// </summary>
    static readonly TimeSpan Begins = Prompt + TimeSpan.FromSeconds(1);

    readonly Dictionary<JobId, long> looked = [];
    readonly HashSet<RunId> putBack = [];

    /// <summary>Returns the last sign of life of an epoch, or null if the epoch does not exist.</summary>
    public TimeSpan? LastSign(long number) => Find(number)?.LastSign;

    SeenEpoch? Find(long number) => epochs.Find(epoch => epoch.Number == number);

    void ChangedEpochsOfEach(SimulatedNode node, EpochChange change, EpochChanged changed)
    {
        if (!changed.Done)
        {
            node.Tell("changes no epoch: something has moved");
            return;
        }

        foreach (var (seen, why) in change.Ends) EndedBy(node, Find(seen.Number)!, why);
        if (change.StepDown is not null) SteppedDown(node, Find(change.By!.Value.Epoch)!);
        if (changed.Begun is { } begun)
        {
            if (begun.Number <= Current?.Number)
            {
                world.Fail(Law.NumbersGrow, $"epoch {begun.Number} comes after epoch {Current.Number}: the number must grow");
            }

            epochs.Add(new(begun.Number, node, withLock: false, world.Now));
            node.Tell($"begins epoch {begun.Number}");
        }

        if (changed.Settled > 0) node.Tell($"settles {changed.Settled} runs");
        FindSettled(node);
        CheckCounts();
    }

    void EndedBy(SimulatedNode node, SeenEpoch lost, EpochEnd why)
    {
        var owner = lost.Owner;
        var judged = lost.Ended is null || !lost.Overtaken;
        node.Tell($"ends epoch {lost.Number} of node {owner} ({why})");
        lost.Ended ??= world.Now;
        lost.Overtaken = true;
        if (machine.Store.Row(lost.Number)!.Ended > lost.LastSignWritten)
        {
            world.Fail(Law.EndedAtLastSign, $"epoch {lost.Number} of node {owner} is written to have ended after its last sign of life");
        }

        if (owner == node || owner.IsGone || !judged) return;
        if (!epochs.Exists(epoch => epoch.Owner == node && epoch.Ended is null))
        {
            world.Fail(Law.OnlyLivingNodesSettle, $"node {node} ends epoch {lost.Number}, and its own epoch has ended");
        }

        var least = why == EpochEnd.ProcessGone ? Rules.Lease.ProbeWait(Lease) * 0.8 : Lease * 0.3;

        // The owner does not know the epoch and sends no sign of life for the epoch, even if the owner is well.
        if (!lost.Known)
        {
            if (world.Now - lost.LastSign < least)
            {
                world.Fail(Law.LeaseIsWaitedFor,
                    $"node {node} ends epoch {lost.Number} of node {owner} within {(world.Now - lost.LastSign).TotalSeconds:0.000} s ({why})");
            }

            return;
        }

        var away = owner.Presence.AwaySince(lost.LastSign);
        if (why != EpochEnd.ProcessGone && owner.IsWell) away = owner.Presence.AwayFrom(node.Presence, lost.LastSign);
        if (away < least)
        {
            world.Fail(Law.HealthyNodesAreKept,
                $"node {node} settles node {owner}, which is healthy: it was away for {away.TotalSeconds:0.000} s only since its last sign of life ({why})");
        }
    }

    /// <summary>Records a step-down. Runs unknown to the node wait again, and its own runs continue.</summary>
    void SteppedDown(SimulatedNode node, SeenEpoch mine)
    {
        node.Tell($"steps down: epoch {mine.Number} has ended");
        if (mine.Ended is not null) world.Fail(Law.OnlyOwnEpochIsLeft, $"node {node} steps down from epoch {mine.Number}, which had ended");
        (mine.Ended, mine.LastSign, mine.Left) = (world.Now, world.Now, true);
        mine.LastSignWritten = World.Start + world.Now;
        foreach (var run in open.Values.Where(run => run.Epoch == mine).ToList())
        {
            if (IsRunning(run)) continue;
            open.Remove(run.Run.Id);
            putBack.Add(run.Run.Id);
            laws.PutBack(run.Run.Id, run.Run.Job.Id, run.Run.Attempt);
        }
    }

    void ClaimedOfEach(SimulatedNode node, ClaimRequest request, Claimed answer)
    {
        if (answer.Fenced)
        {
            node.Tell($"is refused claim {request.Number} under epoch {request.Epoch}");
            return;
        }

        var epoch = Find(request.Epoch)!;
        if (answer.Runs.Count > 0 && (epoch.Ended is not null || epoch.Owner != node))
            world.Fail(Law.ClaimUnderLivingEpoch, $"a claim of node {node} under epoch {request.Epoch}, which has ended, is accepted");
        if (!Signed(epoch)) return;
        foreach (var run in answer.Runs)
        {
            if (request.Unanswered is not null && open.TryGetValue(run.Id, out var known) && known.Run.Token == run.Token
                && known.Epoch == epoch)
            {
                continue;
            }

            CheckPause(run);
            if (node.JudgedAt - node.PlannedAt > TimeSpan.FromSeconds(1))
            {
                world.Fail(Law.PlanIsFresh,
                    $"{Name(run.Id)} counts as punctual by a plan of {(node.JudgedAt - node.PlannedAt).TotalSeconds:0.000} s before its rows were judged");
            }

            Claim(node, request, epoch, run);
        }

        CheckEntries(node);
        CheckCounts();
    }

    /// <summary>
    /// Checks that no fire time is decided after a pause was answered. A waiting run was decided beforehand.
    /// </summary>
    void CheckPause(ClaimedRun run)
    {
        if (run.Id.Number != 0 || run.Attempt > 1 || putBack.Contains(run.Id) || machine.IsBackfill(run.Id)) return;
        if ((machine.Store.Rows(run.Job.Id)[0].Paused ?? machine.Store.State.Paused) is not { } pause) return;
        var mayHaveWaited = !run.Job.Options.Coalesce || run.Job.Trigger!.Jitter > TimeSpan.Zero;
        if (!mayHaveWaited || Instant.FromMicros(run.Id.FireTime) > pause.At)
        {
            world.Fail(Law.NoClaimAfterPause, $"{Name(run.Id)} is claimed after the pause of job {run.Job.Id} was answered");
        }
    }

    /// <summary>
    /// Checks the entries written by a claim. Each reason must match the state of the store at the time of the plan.
    /// </summary>
    void CheckEntries(SimulatedNode node)
    {
        foreach (var job in machine.Store.Rows())
        {
            var (id, known) = (job.Job.Id, looked.GetValueOrDefault(job.Job.Id));
            if (job.State.Change == known) continue;
            looked[id] = job.State.Change;
            foreach (var entry in machine.Store.Ledger(id).Entries.Where(entry => entry.Change > known))
            {
                if (entry.Reason == Reason.MaxInstancesReached && job.Job.Options.MaxInstances is { } most
                    && open.Values.Count(run => run.Run.Id.Job == job.Number) < most)
                {
                    world.Fail(Law.NoSkipWithFreePlace, $"{Name(id, entry.Last)} is skipped for max instances, though a place was free");
                }

                if (!edited.Contains(id)) CheckActive(node.PlannedAt, entry);
            }
        }
    }

    /// <summary>
    /// Checks whether an entry correctly states that a node was active, or none, at its last fire time.
    /// </summary>
    /// <remarks>
    /// The epochs count as a claim could read them.
    /// A silent epoch lasts until another node ends the epoch, and from then on only until the last sign of life.
    /// </remarks>
    void CheckActive(TimeSpan planned, Entry entry)
    {
        if (entry.Reason is not (Reason.NoActiveNode or Reason.MisfireGraceExceeded or Reason.StoreUnavailable)) return;
        var at = entry.Last - World.Start;
        var active = epochs.Exists(epoch => epoch.Begun <= at && !(at >= (epoch.Ended <= planned ? epoch.LastedUntil : null)));
        if (active == (entry.Reason == Reason.NoActiveNode))
        {
            world.Fail(Law.ReasonsAreTrue,
                $"{Name(entry.Job, entry.Last)} is explained by {entry.Reason}, but {(active ? "a node was" : "no node was")} active");
        }
    }

    /// <summary>Checks that the running count in a job's row equals the number of open runs.</summary>
    void CheckCounts()
    {
        if (world.Failure is not null) return;
        foreach (var job in machine.Store.Rows())
        {
            var count = open.Values.Count(run => run.Run.Id.Job == job.Number);
            if (job.Running != count)
            {
                world.Fail(Law.CountsAreTrue, $"job {job.Job.Id} counts {job.Running} runs that go on, and {count} do");
            }
        }
    }

    void BeatenOfEach(SimulatedNode node, long number, Look look)
    {
        if (!look.Living.Concat(look.Draining).Any(epoch => epoch.Number == number))
        {
            node.Tell($"is refused its beat of epoch {number}");
            return;
        }

        if (Find(number) is not { Overtaken: false } mine || mine.Owner != node)
        {
            world.Fail(Law.HeartbeatUnderLivingEpoch,
                $"a beat of epoch {number} of node {node} is accepted, and the epoch was ended by another");
        }
        else
        {
            Signed(mine);
        }
    }

    bool IsRunning(OpenRun run) =>
        machine.Store.Inner.RunsAsync(new() { Id = run.Run.Id }, CancellationToken.None).Result.Runs is [{ State: RunState.Running } same]
            && same.Attempt == run.Run.Attempt && same.Token == run.Run.Token;

    /// <summary>Checks that each healthy node is active and sends signs of life.</summary>
    void PassOfEachTo(TimeSpan next)
    {
        var served = epochs.Exists(epoch => epoch is { Ended: null, Owner: { IsWell: true, IsEnding: false } });
        if (!served && world.Nodes.Exists(node => node.IsWell && !node.IsEnding))
        {
            unserved ??= world.Now;
            if (next - Later(unserved.Value, calm) > Begins)
            {
                world.Fail(Law.ActiveAtAll, $"nobody is active for more than {Begins.TotalSeconds:0.0} s, though a node is well");
            }

            return;
        }

        unserved = served ? null : next;
        if (!served) calm = next;

        foreach (var epoch in epochs)
        {
            if (epoch is not { Ended: null, Known: true, Owner: { IsWell: true, IsEnding: false } }) continue;
            var sign = Later(epoch.LastSign, calm);
            if (next - sign > Lease * 0.6 && epoch.Owner.Presence.AwaySince(sign) == TimeSpan.Zero)
            {
                world.Fail(Law.ActiveNodesHeartbeat, $"node {epoch.Owner} is active and gives no sign of life");
            }
        }

        CheckLostRunsOfEach(next);
    }

    void CheckLostRunsOfEach(TimeSpan next)
    {
        // A settlement ends all runs of an epoch in a single transaction,
        // and fails while a foreign lock holds the row of a job.
        if (machine.ForeignLocks > 0) return;
        var bound = Lease * 4 / 3 + TimeSpan.FromSeconds(3);
        foreach (var run in open.Values)
        {
            if (!goneAt.TryGetValue(run.Owner, out var lost)) continue;
            if (next - Later(lost, calm) > bound)
            {
                world.Fail(Law.LostRunsAreSettled,
                    $"{Name(run.Run.Id)} is open for more than {bound.TotalSeconds:0.0} s although the process of node {run.Owner} is gone");
            }
        }
    }
}
