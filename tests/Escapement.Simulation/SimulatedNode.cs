using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>A process with the real engine. The simulation supplies its work, time, locks and store.</summary>
sealed partial class SimulatedNode : IActor
{
    readonly World world;
    readonly Machine machine;
    readonly NodeScheduler scheduler;
    readonly List<object> ready = [];
    readonly List<SimulatedLock> locks = [];
    Func<Task>? endEngine;

    public SimulatedNode(World world, Machine machine, string letter)
    {
        (this.world, this.machine) = (world, machine);
        Name = new(letter, 4700 + world.Nodes.Count + 1, "web-1", World.Start + world.Now, "life/" + letter);
        scheduler = new(task => Take(task));
        Clock = new(world, this);
        Presence = new(world);
    }

    /// <summary>Gets the machine of the node.</summary>
    public Machine Machine => machine;

    public NodeName Name { get; }

    public NodeClock Clock { get; }

    /// <summary>Gets the error of the node's wall clock.</summary>
    public TimeSpan WallClockOff { get; private set; }

    /// <summary>Gets the absences of the node.</summary>
    public Presence Presence { get; }

    public bool IsStopped { get; private set; }

    /// <summary>Gets whether the process has ended, for any reason.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Gets whether the node is cut off from the store.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Gets whether the node was asked to end.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Gets whether the process runs and can reach the store.</summary>
    public bool IsWell => !IsGone && !IsStopped && !IsCutOff;

    public bool IsAble => ready.Count > 0 && !IsStopped && !IsGone;

    /// <summary>Gets whether the node's life lock proves its life.</summary>
    public bool HoldsLife { get; private set; }

    /// <summary>Gets the node's access to the store after its start.</summary>
    public SimulatedStore? Store { get; private set; }

    /// <summary>Gets or sets the time of the plan that the last claim wrote.</summary>
    public TimeSpan PlannedAt { get; set; }

    /// <summary>
    /// Gets or sets the time at which the rows of the last claim were judged. The commit comes later.
    /// </summary>
    public TimeSpan JudgedAt { get; set; }

    public bool HoldsLock => main is { Held: true };

    SimulatedLock? main, life;
    long session;

    /// <summary>Posts work for a later step of the node.</summary>
    public void Post(Action what)
    {
        Take(what);
    }

    void Take(object what)
    {
        if (world.IsHere) { if (!IsGone) ready.Add(what); }
        else
        {
            world.Fail(Law.WorkStaysOnItsNode, $"work of node {Name.Id} left the scheduler that it was given: {Environment.StackTrace}");
        }
    }

    public void Start()
    {
        Tell("starts");
        Do(async () =>
        {
            main = Handle(machine.LockFile, () => machine.LockFile);
            life = Handle(machine.LifeFile(Name.Id), () => null);
            HoldsLife = life.TryTake();
            var store = Store = machine.StoreOf(this);
            NodeLocks locks = new(main, life, LifeOf, machine.Remove, () => machine.Holder, machine.Write, () => machine.Holder?.Epoch ?? 0)
            {
                FreeMeansGone = !machine.EveryNodeIsActive,
                SessionNow = () => session,
            };
            var without = machine.Without;
            var parts = new NodeContext(Name, store, without.Locks(this, locks), machine.Settings, Clock, scheduler,
                new NodeLog(this))
            { ProtocolOverrides = without.ProtocolOverrides(this, store) };
            var engine = new NodeLifecycle(parts, machine.HandlersOf(this), null, _ => new(machine.Jobs, new Dictionary<JobId, string>()));
            endEngine = async () =>
            {
                await engine.StopAsync(CancellationToken.None);
                await engine.DisposeAsync();
            };
            await engine.StartAsync(CancellationToken.None);
        });
    }

    SimulatedLock? LifeOf(NodeName node) => machine.FindLife(node) is { } file ? Handle(file, () => null) : null;

    SimulatedLock Handle(LockFile file, Func<LockFile?> atPath)
    {
        var handle = new SimulatedLock(this, file, atPath);
        locks.Add(handle);
        return handle;
    }

    /// <summary>Executes a ready step, usually the step with the longest wait.</summary>
    public void Step()
    {
        var at = world.Chance(70) ? 0 : world.Pick(ready.Count);
        var what = ready[at];
        ready.RemoveAt(at);
        if (what is Task task) scheduler.Run(task);
        else ((Action)what)();
    }

    /// <summary>Marks a point at which a fault can strike and other nodes may go first.</summary>
    public async Task PointAsync(Step step, When when)
    {
        machine.Reached(this, step, when);
        if (world.Chance(10)) await Task.Delay(TimeSpan.FromMilliseconds(1 + world.Pick(40)), Clock);
        else await Task.Yield();
    }

    public void Tell(string what)
    {
        if (world.Traced) world.Tell($"node {Name.Id} {what}");
    }

    /// <summary>Gets whether the story is recorded.</summary>
    public bool IsTold => world.Traced;

    public override string ToString() => Name.Id;

    /// <summary>
    /// Ends the process. Its pending work is dropped, and the kernel releases its locks one after the other.
    /// </summary>
    void Go(string how)
    {
        IsGone = true;
        Tell(how);
        ready.Clear();
        machine.Gone(this);
        HoldsLife = false;
        var delay = TimeSpan.Zero;
        while (locks.Count > 0)
        {
            var next = locks[world.Pick(locks.Count)];
            locks.Remove(next);
            world.In(delay += world.Pick(TimeSpan.FromMilliseconds(1)), next.Close);
        }
    }

    /// <summary>Runs work of the node on its scheduler.</summary>
    public void Do(Func<Task> work)
    {
        Task.Factory.StartNew(GuardAsync, CancellationToken.None, TaskCreationOptions.None, scheduler);

        async Task GuardAsync()
        {
            try
            {
                await work();
            }
            catch (Exception e)
            {
                world.Fail(Law.EngineHolds, $"the engine of node {Name.Id} failed: {e}");
            }
        }
    }
}
