using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Simulation;

/// <summary>
/// The store shared by all nodes: its contents, the order of writers, and the notification of all nodes.
/// </summary>
sealed class SharedStore
{
    static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(2);

    // Only the epochs and the state, because the checker reads them at every claim.
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

    /// <summary>Gets the contents of the store.</summary>
    public MemoryStore Inner { get; }

    /// <summary>Gets the server for the statements of a store in which every node is active.</summary>
    public SimulatedServer Server { get; }

    /// <summary>Gets whether every node is active.</summary>
    public bool IsForEach => Inner.Place.Actives == ActiveNodes.Each;

    /// <summary>Gets whether writes are impossible.</summary>
    public bool IsOut { get; private set; }

    /// <summary>Gets the node that is stopped inside a transaction and blocks all writers, or null.</summary>
    public SimulatedNode? Stuck => writer is { IsStopped: true } ? writer : null;

    /// <summary>Gets or sets whether notifications are held back.</summary>
    public bool Silent { get; set; }

    public void Outage(bool begins)
    {
        IsOut = begins;
        world.Tell(begins ? "the store cannot be written" : "the store can be written again");
    }

    /// <summary>Waits for the turn to write, with the time limit of a store.</summary>
    /// <returns>False if the time limit expired.</returns>
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

    /// <summary>Gives the turn to the first able waiter. A stopped waiter has lost its place.</summary>
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

    /// <summary>Executes a transaction of a node by its clock, without interruption.</summary>
    public T Do<T>(SimulatedNode node, Func<MemoryStore, Task<T>> transaction)
    {
        (clock.Caller, clock.Read) = (IsForEach ? null : node.Clock, null);
        return transaction(Inner).GetAwaiter().GetResult();
    }

    /// <summary>Returns the current row of an epoch.</summary>
    public Epoch? Row(long number) =>
        Inner.LedgerAsync(NoJob, CancellationToken.None).Result.Epochs.FirstOrDefault(row => row.Number == number);

    /// <summary>Returns the current row of a job, or the rows of all jobs.</summary>
    public IReadOnlyList<StoredJob> Rows(JobId? job = null) =>
        Inner.JobsAsync(new() { Id = job, Ended = true }, CancellationToken.None).Result.Jobs;

    /// <summary>Gets the current state of the scheduler.</summary>
    public SchedulerState State => Inner.LedgerAsync(NoJob, CancellationToken.None).Result.State;

    /// <summary>Returns the current layers of the ledger, of one job or of all jobs.</summary>
    public LedgerPart Ledger(JobId? job, bool runs = false) =>
        Inner.LedgerAsync(new() { Job = job, Runs = runs }, CancellationToken.None).Result;

    /// <summary>Returns the account of all jobs since the beginning.</summary>
    public AuditReport Audit() =>
        Inner.AuditAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Language.English, CancellationToken.None).Result;

    /// <summary>Gets the instant visible to a transaction in progress.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Sets the clock to an earlier instant for the remainder of the transaction.</summary>
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

    /// <summary>Rolls back the open transaction of a process that is gone.</summary>
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
