using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>A claimed and unsettled attempt.</summary>
sealed record OpenRun(ClaimedRun Run, SimulatedNode Owner, SeenEpoch Epoch);

/// <summary>A running handler.</summary>
sealed class Handling(SimulatedNode node, JobContext context)
{
    public SimulatedNode Node => node;

    public JobContext Context => context;

    public bool AskedToStop { get; set; }
}

sealed partial class Checker
{
    readonly Dictionary<RunId, OpenRun> open = [];
    readonly RunLaws laws = new(world.Fail, Name);
    readonly HashSet<Finished> recorded = [];
    readonly List<Handling> handlings = [];
    readonly Dictionary<SimulatedNode, TimeSpan> goneAt = [];

    public void Claimed(SimulatedNode node, ClaimRequest request, Claimed answer)
    {
        if (machine.EveryNodeIsActive)
        {
            ClaimedOfEach(node, request, answer);
            return;
        }

        if (answer.Fenced)
        {
            node.Tell($"is refused a claim under epoch {request.Epoch}");
            return;
        }

        if (Current is not { Ended: null } epoch || epoch.Number != request.Epoch || epoch.Owner != node)
        {
            world.Fail(Law.ClaimUnderLivingEpoch,
                $"a claim of node {node} under epoch {request.Epoch} is accepted, but the current epoch is {Current?.Number} of node {Current?.Owner}");
            return;
        }

        CheckSkips(node);
        Signed(epoch);
        foreach (var run in answer.Runs) Claim(node, request, epoch, run);
    }

    void Claim(SimulatedNode node, ClaimRequest request, SeenEpoch epoch, ClaimedRun run)
    {
        Claims++;
        node.Tell($"claims {Name(run.Job.Id, run.FireTime)}{(run.Attempt > 1 ? $", attempt {run.Attempt}" : "")} with fencing token {run.Token}");

        laws.Claimed(run.Id, run.Job.Id, run.Attempt, run.Token);

        // If every node is active, the store's clock decides at the time when the plan is read.
        var judged = machine.EveryNodeIsActive ? World.Start + node.PlannedAt : node.Clock.GetUtcNow();
        if (run.MisfireGraceFrom is { } from && !run.Job.Options.MisfireGrace.Allows(judged - from, request.GraceLimit))
            world.Fail(Law.PunctualWithinGrace, $"{Name(run.Job.Id, run.FireTime)} counts as punctual, though it is beyond its grace");
        if (!open.TryAdd(run.Id, new(run, node, epoch)))
        {
            world.Fail(Law.ClaimedOnlyWhenClosed, $"{Name(run.Job.Id, run.FireTime)} is claimed while it is open");
        }

        if (run.Job.Options.MaxInstances is { } most && open.Values.Count(other => other.Run.Job.Id == run.Job.Id) > most)
            world.Fail(Law.MaxInstances, $"more than {most} runs of job {run.Job.Id} are open in the account");
    }

    /// <summary>
    /// Checks that no fire time is skipped for a running job if only runs of lost nodes are left.
    /// </summary>
    void CheckSkips(SimulatedNode node)
    {
        foreach (var job in open.Values.GroupBy(run => run.Run.Job.Id).Where(job => job.All(run => run.Epoch.Overtaken)))
        {
            var entries = machine.Store.Ledger(job.Key).Entries;
            if (entries is [.., { Reason: Reason.MaxInstancesReached } entry] && entry.Last > job.Max(run => run.Run.FireTime)
                && entry.Last >= World.Start + Current!.Begun)
            {
                world.Fail(Law.NoSkipForLostRuns,
                    $"{Name(job.Key, entry.Last)} is skipped for max instances, though only runs of lost nodes are open");
            }
        }
    }

    public void Recorded(SimulatedNode node, IReadOnlyList<Finished> finished, int refused)
    {
        var expected = 0;
        foreach (var end in finished)
        {
            var owned = open.TryGetValue(end.Id, out var run) && run.Owner == node && run.Epoch.Number == end.Epoch
                && run.Run.Attempt == end.Attempt;
            if (!owned)
            {
                // The first answer was lost, or another node settled the run
                // at the instant of the report. The cases look the same.
                if (recorded.Contains(Told(end))) continue;
                expected++;
                if (run is not null || laws.WasClaimed(end.Id, end.Attempt))
                {
                    node.Tell($"is refused an outcome of {Name(end.Id)}: it was settled");
                }

                continue;
            }

            open.Remove(end.Id);
            recorded.Add(Told(end));
            if (end.Outcome == Outcome.Missed) laws.Missed(end.Id);
            node.Tell($"records {Name(run!.Run.Job.Id, run.Run.FireTime)} as {end.Outcome}");
        }

        if (refused < expected)
        {
            world.Fail(Law.RecordedOnce,
                $"node {node} records a run that was settled before: {expected} outcomes must be refused, {refused} are");
        }

        if (refused > expected) world.Fail(Law.OwnOutcomeAccepted, $"node {node} is refused an outcome of a run that it owns");
        if (machine.EveryNodeIsActive) CheckCounts();
    }

    /// <summary>
    /// Returns the part of a report by which the store distinguishes a repeated report from a report of a settled run.
    /// </summary>
    static Finished Told(Finished end) =>
        end with { StartedAt = null, FinishedAt = Instant.FromMicros(end.FinishedAt.ToMicros()), Error = null };

    void Settled(SimulatedNode node, IReadOnlyCollection<string> lost, EpochChanged changed)
    {
        if (changed.Settled > 0) node.Tell($"settles {changed.Settled} runs of {string.Join(", ", lost.Select(one => $"node {one}"))}");
        FindSettled(node);
    }

    /// <summary>Finds the open runs that the store has closed.</summary>
    void FindSettled(SimulatedNode by)
    {
        foreach (var run in open.Values.ToList())
        {
            var stored = machine.Store.Inner.RunsAsync(new() { Id = run.Run.Id }, CancellationToken.None).Result.Runs;
            if (stored is [{ State: RunState.Running } same] && same.Attempt == run.Run.Attempt) continue;
            open.Remove(run.Run.Id);
            laws.Settled(run.Run.Id, run.Run.Attempt);
            recorded.Add(Told(RunEnds.Lost(new()
            {
                Id = run.Run.Id,
                Node = run.Owner.Name.Id,
                Epoch = run.Epoch.Number,
                Attempt = run.Run.Attempt
            }, machine.Store.Now)));
            if (run.Owner == by || run.Epoch.Overtaken || !run.Owner.HoldsLife || run.Owner.Presence.WasEverAway) continue;
            world.Fail(Law.NoSettlementUnderItsOwner,
                $"node {by} settles {Name(run.Run.Job.Id, run.Run.FireTime)} under the hands of node {run.Owner}, which lives and was never away");
        }
    }

    /// <summary>Records the start of a handler.</summary>
    /// <param name="node">The node.</param>
    /// <param name="context">The context of the run.</param>
    /// <param name="startedAt">The node's wall clock when the engine called the handler.</param>
    public Handling Started(SimulatedNode node, JobContext context, DateTimeOffset startedAt)
    {
        var name = Name(context.Job, context.FireTime);
        node.Tell($"starts {name}{(context.Attempt > 1 ? $", attempt {context.Attempt}" : "")}");
        laws.Started(context.Run, context.Job, context.Attempt);
        open.TryGetValue(context.Run, out var run);
        var most = (run?.Run.Job ?? machine.Jobs.Single(job => job.Id == context.Job)).Options.MaxInstances;
        if (run?.Run is { MisfireGraceFrom: { } from } begun
            && !begun.Job.Options.MisfireGrace.Allows(startedAt - from, machine.Settings.GraceLimit))
        {
            world.Fail(Law.StartWithinGrace, $"the handler of {name} starts beyond its grace");
        }

        // A node that was away may not know yet that its runs were settled. All nodes without absences share one limit.
        if (!node.Presence.WasEverAway
            && handlings.Count(other => other.Context.Job == context.Job && !other.AskedToStop && !other.Node.Presence.WasEverAway) >= most)
        {
            world.Fail(Law.MaxInstances, $"{name} runs beside more than it may, though none of their nodes was ever away");
        }

        var handling = new Handling(node, context);
        handlings.Add(handling);
        return handling;
    }

    public static void AskedToStop(Handling handling) => handling.AskedToStop = true;

    public void Ended(Handling handling) => handlings.Remove(handling);

    public void Gone(SimulatedNode node)
    {
        goneAt[node] = world.Now;
        Disturbed();
        handlings.RemoveAll(handling => handling.Node == node);
    }

    /// <summary>Checks that no run of a lost node stays open, because open runs count towards max instances.</summary>
    void CheckLostRuns(TimeSpan next)
    {
        var bound = Lease / 3 + TimeSpan.FromSeconds(3);
        foreach (var run in open.Values)
        {
            if (!goneAt.TryGetValue(run.Owner, out var lost)) continue;
            if (next - Later(lost, Later(calm, served)) > bound)
            {
                world.Fail(Law.LostRunsAreSettled,
                    $"{Name(run.Run.Job.Id, run.Run.FireTime)} is open for more than {bound.TotalSeconds:0.0} s although the process of node {run.Owner} is gone");
            }
        }
    }

    static string Name(JobId job, DateTimeOffset fireTime) => $"{job}@{(fireTime - World.Start).TotalSeconds:0.###}";

    static string Name(RunId id) => $"{id.Job}@{(Instant.FromMicros(id.FireTime) - World.Start).TotalSeconds:0.###}";
}
