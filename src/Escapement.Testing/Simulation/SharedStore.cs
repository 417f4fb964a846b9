using Escapement.Stores;

namespace Escapement.Testing.Simulation;

/// <summary>The store that all nodes share: what is in it, whose turn it is to write, and the ring that reaches them all.</summary>
sealed class SharedStore
{
    static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(2);

    readonly World world;
    readonly CallerClock clock = new();
    readonly List<(SimulatedNode Node, TaskCompletionSource Granted)> queue = [];
    readonly List<(SimulatedNode Node, Action<Bell> Rung)> listeners = [];
    SimulatedNode? writer;

    public SharedStore(World world)
    {
        this.world = world;
        Inner = new(clock);
        Inner.Doorbell.Listen(Ring);
    }

    /// <summary>What is in it.</summary>
    public MemoryStore Inner { get; }

    /// <summary>Nobody can write.</summary>
    public bool IsOut { get; private set; }

    /// <summary>Who stands inside a transaction and is stopped: nobody else can write.</summary>
    public SimulatedNode? Stuck => writer is { IsStopped: true } ? writer : null;

    /// <summary>Whether rings are kept back.</summary>
    public bool Silent { get; set; }

    public void Outage(bool begins)
    {
        IsOut = begins;
        world.Tell(begins ? "the store cannot be written" : "the store can be written again");
    }

    /// <summary>Waits for the turn to write, as long as a store does.</summary>
    public async Task TakeTurnAsync(SimulatedNode node)
    {
        if (writer is null)
        {
            writer = node;
            return;
        }
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add((node, granted));
        using var limit = node.Clock.CreateTimer(_ => GiveUp(granted), null, TurnLimit, Timeout.InfiniteTimeSpan);
        await granted.Task;
    }

    void GiveUp(TaskCompletionSource granted)
    {
        if (queue.RemoveAll(waiter => waiter.Granted == granted) > 0)
            granted.SetException(new StoreUnavailableException($"the store is held by process {writer?.Name.Pid} for too long."));
    }

    public void LetGo(SimulatedNode node)
    {
        if (writer != node) return;
        writer = null;
        Grant();
    }

    /// <summary>Gives the turn to the first who can take it; who is stopped has lost its place.</summary>
    public void Grant()
    {
        if (writer is not null) return;
        var next = queue.FindIndex(waiter => !waiter.Node.IsStopped && !waiter.Node.IsGone);
        if (next < 0) return;
        var (node, granted) = queue[next];
        queue.RemoveAt(next);
        writer = node;
        granted.SetResult();
    }

    /// <summary>One transaction of one node, by its clock: nothing comes between.</summary>
    public T Do<T>(SimulatedNode node, Func<MemoryStore, Task<T>> transaction)
    {
        (clock.Caller, clock.Read) = (node.Clock, null);
        return transaction(Inner).GetAwaiter().GetResult();
    }

    /// <summary>For the rest of the transaction the clock stands at an earlier instant.</summary>
    public void ReadClockAs(SimulatedNode node, TimeSpan at) => clock.Read = World.Start + at + node.WallClockOff;

    public IDisposable Listen(SimulatedNode node, Action<Bell> rung)
    {
        listeners.Add((node, rung));
        return new Listening(() => listeners.RemoveAll(listener => listener.Rung == rung));
    }

    public void Ring(Bell bell)
    {
        if (Silent) return;
        foreach (var (node, rung) in listeners)
        {
            if (world.Chance(20)) world.In(world.Pick(TimeSpan.FromMilliseconds(20)), () => node.Post(() => rung(bell)));
            else node.Post(() => rung(bell));
        }
    }

    /// <summary>A process is gone: its open transaction is undone.</summary>
    public void Gone(SimulatedNode node)
    {
        listeners.RemoveAll(listener => listener.Node == node);
        queue.RemoveAll(waiter => waiter.Node == node);
        LetGo(node);
    }

    sealed class CallerClock : TimeProvider
    {
        public TimeProvider? Caller { get; set; }

        public DateTimeOffset? Read { get; set; }

        public override DateTimeOffset GetUtcNow() => Read ?? Caller?.GetUtcNow() ?? World.Start;
    }

    sealed class Listening(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
