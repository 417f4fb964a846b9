using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>
/// The server of a store in which every node is active. A statement in progress continues even if its node is stopped,
/// killed, cut off, or has given up.
/// </summary>
sealed class SimulatedServer : IActor
{
    /// <summary>
    /// The time after which a node gives up a statement, and the server rolls back an idle transaction.
    /// </summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>The time after which the server ends a statement that waits for a row.</summary>
    static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(1);

    readonly World world;
    readonly Scheduler scheduler;
    readonly List<Task> ready = [];
    readonly List<(SimulatedNode Node, TaskCompletionSource Sent)> open = [];
    readonly List<(SimulatedNode Node, Action Break)> calls = [];
    readonly Dictionary<SimulatedNode, TimeSpan> held = [];

    public SimulatedServer(World world)
    {
        this.world = world;
        scheduler = new(Take);
    }

    public bool IsAble => ready.Count > 0;

    /// <summary>Gets the nodes whose answers are lost.</summary>
    public HashSet<SimulatedNode> Deaf { get; } = [];

    public void Step()
    {
        var at = world.Chance(70) ? 0 : world.Pick(ready.Count);
        var task = ready[at];
        ready.RemoveAt(at);
        scheduler.Run(task);
    }

    /// <summary>Holds back the next statement of a node between its beginning and its locks.</summary>
    public void HoldNext(SimulatedNode node, TimeSpan time) => held[node] = time;

    /// <summary>Runs work on the server.</summary>
    public void Do(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, scheduler);

    /// <summary>Sends statements and waits for their answer, with the time limit of a node.</summary>
    public async Task<T> CallAsync<T>(SimulatedNode node, MemoryStore store, Step step, Func<MemoryStore, Task<T>> statements)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limit = node.Clock.CreateTimer(_ =>
            answer.TrySetException(new StoreUnavailableException("the store has not answered.")), null, Limit, Timeout.InfiniteTimeSpan);
        (SimulatedNode, Action) call = (node, Lose);
        calls.Add(call);
        Do(RunAsync);
        try
        {
            return await answer.Task;
        }
        finally
        {
            calls.Remove(call);
        }

        void Lose() => answer.TrySetException(new StoreUnavailableException("the connection to the store is lost."));

        async Task RunAsync()
        {
            try
            {
                var planned = TimeSpan.Zero;
                store.Steps = at =>
                {
                    if (at == StoreStep.Send) planned = world.Now;
                    if (at == StoreStep.Locked && step == Simulation.Step.Claim) (node.PlannedAt, node.JudgedAt) = (planned, world.Now);
                    return BeginAsync(node, step, at);
                };
                var result = await statements(store);
                Answer(node, () => answer.TrySetResult(result), Lose);
            }
            catch (Exception e)
            {
                Answer(node, () => answer.TrySetException(e), () => answer.TrySetException(e));
            }
        }
    }

    /// <summary>
    /// Ends the connections of a node.
    /// Its open transactions are rolled back, and no answer arrives. A sent statement continues.
    /// </summary>
    public void Break(SimulatedNode node)
    {
        node.Tell("loses its connections");
        Gone(node);
        foreach (var (_, end) in calls.Where(call => call.Node == node).ToList()) node.Post(end);
    }

    /// <summary>Rolls back the open transactions of a process that is gone. A sent statement continues.</summary>
    public void Gone(SimulatedNode node)
    {
        foreach (var (_, sent) in open.Where(wait => wait.Node == node).ToList())
        {
            sent.TrySetException(new StoreUnavailableException("the connection is closed."));
        }
    }

    void Answer(SimulatedNode node, Action arrives, Action lost) => node.Post(node.IsCutOff || Deaf.Contains(node) ? lost : arrives);

    async ValueTask BeginAsync(SimulatedNode node, Step step, StoreStep at)
    {
        if (at is StoreStep.Send or StoreStep.NextStatement)
        {
            await SentAsync(node, step);
            return;
        }

        if (at == StoreStep.Snapshot && held.Remove(node, out var time))
        {
            node.Tell($"has a statement held back for {time.TotalSeconds:0.000} s ({step})");
            node.HeldBack(true);
            await PauseAsync(time);
            node.HeldBack(false);
        }
        else if (world.Chance(15))
        {
            await PauseAsync(world.Pick(TimeSpan.FromMilliseconds(30)));
        }
        else
        {
            await Task.Yield();
        }
    }

    /// <summary>
    /// Waits until the node has sent its next statement. The transaction of a silent node is rolled back.
    /// </summary>
    async Task SentAsync(SimulatedNode node, Step step)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.Add((node, sent));
        node.Post(() =>
        {
            node.Machine.Reached(node, step, When.Inside);
            if (node.IsStopped) node.Post(() => Send());
            else Send();
        });
        var limit = world.In(Limit, () =>
            sent.TrySetException(new StoreUnavailableException("the server has ended a transaction that was idle for too long.")));
        if (node.IsGone) sent.TrySetException(new StoreUnavailableException("the connection is closed."));
        try
        {
            await sent.Task;
        }
        finally
        {
            limit.CalledOff = true;
            open.RemoveAll(wait => wait.Sent == sent);
        }

        void Send()
        {
            if (node.IsCutOff) sent.TrySetException(new StoreUnavailableException("the store cannot be reached."));
            else sent.TrySetResult();
        }
    }

    /// <summary>
    /// Waits for a row held by another transaction.
    /// Without a limit, a settlement that waits for a job's row would stop the heartbeat of its own node.
    /// </summary>
    public async Task WaitForRowAsync(Task granted)
    {
        var over = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var limit = world.In(LockLimit, () => over.TrySetResult(false));
        var waiting = ArriveAsync();
        if (!await over.Task) throw new StoreUnavailableException("the server has ended a statement that waited for a row for too long.");
        limit.CalledOff = true;
        await waiting;

        async Task ArriveAsync()
        {
            await granted;
            over.TrySetResult(true);
        }
    }

    void Take(Task task)
    {
        if (world.IsHere) ready.Add(task);
        else world.Fail(Law.WorkStaysOnItsNode, $"work reached the server from another thread: {Environment.StackTrace}");
    }

    Task PauseAsync(TimeSpan time)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.In(time, over.SetResult);
        return over.Task;
    }

    /// <summary>
    /// Collects all work of the server.
    /// The immediate continuations of a commit belong to its step, so nothing comes between a commit and its observers.
    /// </summary>
    sealed class Scheduler(Action<Task> take) : TaskScheduler
    {
        public void Run(Task task) => TryExecuteTask(task);

        protected override void QueueTask(Task task) => take(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
            !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
