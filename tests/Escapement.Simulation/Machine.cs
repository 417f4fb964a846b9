using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>
/// The shared environment of all nodes: the store, the lock file, the life locks, the declared jobs, and the observers.
/// </summary>
sealed partial class Machine
{
    readonly World world;
    readonly Plan plan;
    readonly Dictionary<string, LockFile> lives = [];
    int made;

    public Machine(World world, Plan plan, Without without)
    {
        (this.world, this.plan, Without) = (world, plan, without);
        Store = new(world, plan.Actives, without.Rules);
        world.Others.Add(Store.Server);
        Checker = new(world, this);
        Faults = new(world, this, plan.Faults);
        Settings = new("simulation", plan.Lease, plan.Drain, TimeSpan.FromDays(30), TimeSpan.FromHours(24)) { WarmUps = plan.WarmUps };
        world.TimeGoesOn = Checker.PassTo;
    }

    /// <summary>Gets whether every node is active.</summary>
    public bool EveryNodeIsActive => plan.Actives == ActiveNodes.Each;

    /// <summary>Gets the removed rule, if any.</summary>
    public Without Without { get; }

    public SharedStore Store { get; }

    public Checker Checker { get; }

    public Faults Faults { get; }

    public EngineSettings Settings { get; }

    public IReadOnlyList<Job> Jobs => plan.Declared;

    /// <summary>Gets the file at the lock file's path.</summary>
    public LockFile LockFile { get; private set; } = new();

    /// <summary>Gets the contents of the lock file.</summary>
    public LockHolder? Holder { get; private set; }

    public void Write(LockHolder holder) => Holder = holder with { Epoch = Math.Max(holder.Epoch, Holder?.Epoch ?? 0) };

    /// <summary>Replaces the lock file at its path by another file with the same text.</summary>
    public void ReplaceLockFile()
    {
        world.Tell("the lock file is replaced");
        LockFile.AtPath = false;
        LockFile = new();
    }

    public LockFile LifeFile(string node) => lives[node] = new();

    public LockFile? FindLife(NodeName node) => lives.TryGetValue(node.Id, out var file) && file.AtPath ? file : null;

    public void Remove(NodeName node)
    {
        if (lives.TryGetValue(node.Id, out var file)) file.AtPath = false;
    }

    public SimulatedNode StartNode()
    {
        var node = new SimulatedNode(world, this, ((char)('A' + made++)).ToString());
        world.Nodes.Add(node);
        node.Start();
        return node;
    }

    public SimulatedStore StoreOf(SimulatedNode node) => Without.Store(new(world, Store, Checker, node));

    public HandlerRegistry HandlersOf(SimulatedNode node) => new(plan.Jobs.Select(job => new Handler(
        job.Handler, (context, _, cancellationToken) =>
            HandleAsync(node, job, context, cancellationToken), NeedsServices: false, Blocks: false, static _ => { })));

    async ValueTask HandleAsync(SimulatedNode node, PlannedJob job, JobContext context, CancellationToken cancellationToken)
    {
        // The engine reads its clock before the call. The clock may then be set between the check of the grace and the
        // handler's first instruction.
        var startedAt = node.Clock.GetUtcNow();

        // A stopped node must not await:
        // between the last lease check and the handler's first instruction, only the fencing token helps.
        Reached(node, Step.Handler, When.Before);
        if (node.IsGone) await Task.Yield();
        var handling = Checker.Started(node, context, startedAt);
        await using var asked = cancellationToken.Register(() => Checker.AskedToStop(handling));
        try
        {
            if (job.Takes > TimeSpan.Zero) await Task.Delay(job.Takes, node.Clock, cancellationToken);
        }
        finally
        {
            Checker.Ended(handling);
        }
    }

    /// <summary>Reports that a node has reached a point at which a fault may wait.</summary>
    public void Reached(SimulatedNode node, Step step, When when) => Faults.Reached(node, step, when);

    /// <summary>Cleans up after the end of a node's process.</summary>
    public void Gone(SimulatedNode node)
    {
        Store.Gone(node);
        Checker.Gone(node);
    }
}
