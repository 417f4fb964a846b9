using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>One process with the real engine in it, whose work, time, locks and store are the simulation's.</summary>
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

    /// <summary>Where it runs.</summary>
    public Machine Machine => machine;

    public NodeName Name { get; }

    public NodeClock Clock { get; }

    /// <summary>By how much its wall clock is wrong.</summary>
    public TimeSpan WallClockOff { get; private set; }

    /// <summary>When it was not there, and why.</summary>
    public Presence Presence { get; }

    public bool IsStopped { get; private set; }

    /// <summary>Its process has ended, however it did.</summary>
    public bool IsGone { get; private set; }

    /// <summary>It cannot reach the store.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>It was asked to end.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Its process runs and can reach the store.</summary>
    public bool IsWell => !IsGone && !IsStopped && !IsCutOff;

    public bool IsAble => ready.Count > 0 && !IsStopped && !IsGone;

    /// <summary>Whether its life lock proves that it lives.</summary>
    public bool HoldsLife { get; private set; }

    /// <summary>Its way to the store, once it has started.</summary>
    public SimulatedStore? Store { get; private set; }

    /// <summary>When the plan was made that its last claim has written.</summary>
    public TimeSpan PlannedAt { get; set; }

    /// <summary>When the rows of the last claim were judged: its commit comes later.</summary>
    public TimeSpan JudgedAt { get; set; }

    public bool HoldsLock => main is { Held: true };

    SimulatedLock? main, life;
    long session;

    /// <summary>Something that the node is to do when it comes to it.</summary>
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

    /// <summary>One of the steps that are ready: as a rule the one that waits longest.</summary>
    public void Step()
    {
        var at = world.Chance(70) ? 0 : world.Pick(ready.Count);
        var what = ready[at];
        ready.RemoveAt(at);
        if (what is Task task) scheduler.Run(task);
        else ((Action)what)();
    }

    /// <summary>A point at which a fault can strike, and at which others may come before it.</summary>
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

    /// <summary>Whether its story is wanted.</summary>
    public bool IsTold => world.Traced;

    public override string ToString() => Name.Id;

    /// <summary>The process is gone: what it had to do is dropped, and the kernel lets its locks go one after the other.</summary>
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

    /// <summary>Work of the node, on its scheduler.</summary>
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
