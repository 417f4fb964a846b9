using System.Globalization;
using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Escapement.Simulation;

/// <summary>Jobs in partitions by a hash of their ids: the real engine in several nodes, with an epoch in each partition that a node
/// serves, over a store in memory for each partition. A single thread and a seed give the order of everything.</summary>
sealed class PartitionRun
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(15), Drain = TimeSpan.FromSeconds(25), Minute = TimeSpan.FromMinutes(1);
    static readonly CancellationToken None = CancellationToken.None;

    readonly YearTime time = new();
    readonly PartitionPlan plan;
    readonly Partition[] partitions;
    readonly Node?[] nodes;
    readonly Dictionary<JobId, TimeSpan> takes;
    readonly ILookup<int, Job> declared;
    readonly HashSet<(int Partition, RunId Run, int Attempt)> starts = [];
    readonly List<PartitionTrace> traces = [];
    readonly List<(StateEdit Edit, PartitionTrace Trace, long Asked)> changes = [];
    long twice, punctual, late;
    Exception? failure;
    int started;

    PartitionRun(PartitionPlan plan)
    {
        this.plan = plan;
        YearClock clock = new(time, new(time));
        partitions = [.. Enumerable.Range(0, plan.Partitions).Select(number => new Partition(number, new(clock, ActiveNodes.Each)))];
        nodes = new Node?[plan.Nodes];
        NodeCounts = [.. nodes.Select(_ => new long[2])];
        takes = plan.Jobs.ToDictionary(job => job.Declared.Id, job => job.Takes);
        declared = plan.Jobs.Select(job => job.Declared).ToLookup(job => PartitionMap.Of(job.Id, plan.Partitions));
    }

    /// <summary>The number of transactions of each node: while nothing was due, and from the first fire time on.</summary>
    long[][] NodeCounts { get; }

    /// <summary>Runs a plan from its start to the audits of all partitions.</summary>
    public static PartitionResult Of(PartitionPlan plan)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return new PartitionRun(plan).Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    PartitionResult Run()
    {
        for (var slot = 0; slot < plan.Nodes; slot++) Start(slot);
        foreach (var fault in plan.Faults)
        {
            time.RunUntil(fault.At);
            Strike(fault);
            if (failure is not null) throw new InvalidOperationException($"The engine failed at {time.UtcNow:u}.", failure);
        }

        // All runs have ended, and all runs of killed nodes are settled.
        time.RunUntil(plan.Length + PartitionPlan.BetweenFaults);
        if (failure is not null) throw new InvalidOperationException($"The engine failed at {time.UtcNow:u}.", failure);
        var (from, to) = (YearPlan.Start, YearPlan.Start + plan.Length + Minute);
        return new()
        {
            Plan = plan,
            Audits = [.. partitions.Select(one => one.Store.AuditAsync(from, to, Language.English, None).GetAwaiter().GetResult())],
            Digests = [.. partitions.Select(one => LedgerDigest.Of(one.Store.LedgerAsync(new(), None).GetAwaiter().GetResult()))],
            Jobs = [.. partitions.Select(one => declared[one.Number].Count())],
            Counts = [.. partitions.Select(one => one.Counts)],
            NodeCounts = NodeCounts,
            Traces = traces,
            Starts = (starts.Count, twice, punctual, late),
        };
    }

    void Start(int slot) => nodes[slot] = new(this, slot, ++started);

    void Strike(PartitionFault fault)
    {
        traces.Add(new() { Fault = fault });
        switch (fault.Event)
        {
            case PartitionEvent.Kill:
                nodes[fault.Target]?.Kill();
                nodes[fault.Target] = null;
                Later(Minute, () => Start(fault.Target));
                break;
            case PartitionEvent.Outage:
                Out(partitions[fault.Target], Minute);
                break;
            case PartitionEvent.PauseInOutage:
                Out(partitions[fault.Target], Minute);
                var (trace, paused) = (traces[^1], time.UtcNow + TimeSpan.FromSeconds(10));
                trace.Paused = (paused, paused + TimeSpan.FromSeconds(30));
                Later(TimeSpan.FromSeconds(10), () => ChangeAll(trace, SchedulerEdits.Pause(by: "li", why: "a move")));
                Later(TimeSpan.FromSeconds(40), () => ChangeAll(trace, SchedulerEdits.Resume));
                break;
            case PartitionEvent.Failover:
                var moved = partitions[fault.Target];
                moved.LosesAnswers = true;
                Later(TimeSpan.FromSeconds(1), () =>
                {
                    moved.LosesAnswers = false;
                    moved.Timeline++;
                    Out(moved, TimeSpan.FromSeconds(10));
                });
                break;
        }
    }

    void Out(Partition partition, TimeSpan lasts)
    {
        partition.IsOut = true;
        Later(lasts, () => partition.IsOut = false);
    }

    /// <summary>Changes the state of each partition by a transaction of its own, and tries a partition that is out again each second.
    /// Each partition makes the changes in their order, because a pause after its resume would last.</summary>
    void ChangeAll(PartitionTrace trace, StateEdit edit)
    {
        changes.Add((edit, trace, time.Now));
        foreach (var partition in partitions) Follow(partition);
    }

    void Follow(Partition partition)
    {
        if (partition.IsOut)
        {
            Later(TimeSpan.FromSeconds(1), () => Follow(partition));
            return;
        }

        while (partition.Changes < changes.Count)
        {
            var (edit, trace, asked) = changes[partition.Changes++];
            partition.Store.ChangeAsync(new() { State = edit }, None).GetAwaiter().GetResult();
            trace.SlowestChange = Max(trace.SlowestChange, TimeSpan.FromTicks(time.Now - asked));
        }
    }

    void Later(TimeSpan delay, Action what) => time.Add(new(what), delay);

    void Count(int partition, int slot, PartitionWork work)
    {
        var now = TimeSpan.FromTicks(time.Now);
        if (now < PartitionPlan.Idle / 2 || now >= plan.Length) return;
        var isBusy = now >= PartitionPlan.Idle;
        var (idle, busy) = partitions[partition].Counts;
        (isBusy ? busy : idle)[(int)work]++;
        NodeCounts[slot][isBusy ? 1 : 0]++;
    }

    /// <summary>Observes the start of a handler.</summary>
    async ValueTask HandleAsync(int partition, JobContext job, YearClock clock, CancellationToken cancellationToken)
    {
        if (!starts.Add((partition, job.Run, job.Attempt))) twice++;
        var lateness = time.UtcNow - job.FireTime;
        if (job.Attempt == 1)
        {
            if (lateness > TimeSpan.Zero) late++;
            else punctual++;
            if (traces.Count > 0) traces[^1].Started(partition, job.FireTime, lateness);
        }

        if (takes[job.Job] is var span && span > TimeSpan.Zero) await Task.Delay(span, clock, cancellationToken);
    }

    static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>A process with the real engine, once for each partition that it serves.</summary>
    sealed class Node
    {
        readonly List<YearScheduler> schedulers = [];

        public Node(PartitionRun run, int slot, int number)
        {
            var plan = run.plan;
            var id = string.Create(CultureInfo.InvariantCulture, $"node-{number}");
            NodeName name = new(id, 4700 + number, string.Create(CultureInfo.InvariantCulture, $"host-{slot}"), run.time.UtcNow, null);
            EngineSettings settings = new("partitions", Lease, Drain, TimeSpan.FromDays(1000), TimeSpan.FromHours(24)) { WarmUps = 0 };
            PartitionSessions? shared = plan.SharedSessions is { } count ? new(count) : null;
            foreach (var partition in run.partitions)
            {
                if (!PartitionMap.NodesOf(partition.Number, plan.Nodes, plan.Servers).Contains(slot)) continue;
                YearScheduler scheduler = new(run.time);
                YearClock clock = new(run.time, scheduler);
                PartitionAccess store = new(partition, shared ?? new(null), clock, work => run.Count(partition.Number, slot, work));
                HandlerRegistry handlers = new([new(PartitionPlan.Handler, (job, _, cancellationToken) =>
                    run.HandleAsync(partition.Number, job, clock, cancellationToken), NeedsServices: false, Blocks: false, static _ => { })]);
                IReadOnlyList<Job> declared = [.. run.declared[partition.Number]];

                // No life locks: not every such database has locks of sessions, and the lease is enough.
                NodeContext context = new(name, store, new FreeLocks(), settings, clock, scheduler, NullLogger.Instance);
                NodeLifecycle engine = new(context, handlers, null, _ => new(declared, new Dictionary<JobId, string>()));
                schedulers.Add(scheduler);
                Task.Factory.StartNew(async () =>
                {
                    try
                    {
                        await store.OpenAsync("partitions", None);
                        await engine.StartAsync(None);
                    }
                    catch (Exception e)
                    {
                        run.failure ??= e;
                    }
                }, None, TaskCreationOptions.None, scheduler);
            }
        }

        public void Kill()
        {
            foreach (var scheduler in schedulers) scheduler.IsGone = true;
        }
    }
}
