using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>The store that all nodes share: what is in it, whose turn it is to write, and the ring that reaches them all.</summary>
sealed class SharedStore
{
    static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(2);

    // The epochs and the state alone: the checker asks for them at every claim.
    static readonly LedgerQuery NoJob = new() { Job = JobId.Parse("no job"), Runs = false };

    readonly World world;
    readonly CallerClock clock = new();
    readonly List<(SimulatedNode Node, TaskCompletionSource<bool> Granted)> queue = [];
    readonly List<(SimulatedNode Node, Action<Notification> Notify)> listeners = [];
    SimulatedNode? writer;

    public SharedStore(World world, ActiveNodes actives, StoreOverrides safeguards)
    {
        this.world = world;
        clock.World = world;
        Server = new(world);
        Inner = new(clock, actives) { ProtocolOverrides = safeguards, LockWait = Server.WaitForRowAsync };
        Inner.Notifier.Subscribe(Notify);
    }

    /// <summary>What is in it.</summary>
    public MemoryStore Inner { get; }

    /// <summary>What runs the statements of a store in which every node is active.</summary>
    public SimulatedServer Server { get; }

    /// <summary>Whether every node is active.</summary>
    public bool IsForEach => Inner.Place.Actives == ActiveNodes.Each;

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
    /// <returns>False when it has waited for too long.</returns>
    public async Task<bool> TakeTurnAsync(SimulatedNode node)
    {
        if (writer is null)
        {
            writer = node;
            return true;
        }

        var granted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add((node, granted));
        using var limit = node.Clock.CreateTimer(_ => GiveUp(granted), null, TurnLimit, Timeout.InfiniteTimeSpan);
        return await granted.Task;
    }

    void GiveUp(TaskCompletionSource<bool> granted)
    {
        if (queue.RemoveAll(waiter => waiter.Granted == granted) > 0) granted.SetResult(false);
    }

    public void Release(SimulatedNode node)
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
        granted.SetResult(true);
    }

    /// <summary>One transaction of one node, by its clock: nothing comes between.</summary>
    public T Do<T>(SimulatedNode node, Func<MemoryStore, Task<T>> transaction)
    {
        (clock.Caller, clock.Read) = (IsForEach ? null : node.Clock, null);
        return transaction(Inner).GetAwaiter().GetResult();
    }

    /// <summary>An epoch's row as it stands.</summary>
    public Epoch? Row(long number) =>
        Inner.LedgerAsync(NoJob, CancellationToken.None).Result.Epochs.FirstOrDefault(row => row.Number == number);

    /// <summary>A job's row as it stands, or those of all jobs.</summary>
    public IReadOnlyList<StoredJob> Rows(JobId? job = null) =>
        Inner.JobsAsync(new() { Id = job, Ended = true }, CancellationToken.None).Result.Jobs;

    /// <summary>The state of the scheduler as it stands.</summary>
    public SchedulerState State => Inner.LedgerAsync(NoJob, CancellationToken.None).Result.State;

    /// <summary>The layers of the ledger as they stand; of one job, or of all.</summary>
    public LedgerPart Ledger(JobId? job, bool runs = false) =>
        Inner.LedgerAsync(new() { Job = job, Runs = runs }, CancellationToken.None).Result;

    /// <summary>The instant that a transaction under way reads.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>For the rest of the transaction the clock stands at an earlier instant.</summary>
    public void ReadClockAs(SimulatedNode node, TimeSpan at) => clock.Read = World.Start + at + node.WallClockOff;

    public IDisposable Listen(SimulatedNode node, Action<Notification> notify)
    {
        listeners.Add((node, notify));
        return new Listening(() => listeners.RemoveAll(listener => listener.Notify == notify));
    }

    public void Notify(Notification notification)
    {
        if (Silent) return;
        foreach (var (node, notify) in listeners)
        {
            if (world.Chance(20)) world.In(world.Pick(TimeSpan.FromMilliseconds(20)), () => node.Post(() => notify(notification)));
            else node.Post(() => notify(notification));
        }
    }

    /// <summary>A process is gone: its open transaction is undone.</summary>
    public void Gone(SimulatedNode node)
    {
        listeners.RemoveAll(listener => listener.Node == node);
        Server.Gone(node);
        queue.RemoveAll(waiter => waiter.Node == node);
        Release(node);
    }

    sealed class CallerClock : TimeProvider
    {
        public World? World { get; set; }

        public TimeProvider? Caller { get; set; }

        public DateTimeOffset? Read { get; set; }

        public override DateTimeOffset GetUtcNow() => Read ?? Caller?.GetUtcNow() ?? Simulation.World.Start + World!.Now;
    }

    sealed class Listening(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
