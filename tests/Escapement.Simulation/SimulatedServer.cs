using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>The server of a store in which every node is active. What was sent to it goes on, whatever becomes of the node: it is stopped, killed, cut off, or has given up.</summary>
sealed class SimulatedServer : IActor
{
    /// <summary>After so long a node gives up a statement, and the server a transaction whose node sends nothing.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>After so long the server ends a statement that waits for a row.</summary>
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
        scheduler = new(ready);
    }

    public bool IsAble => ready.Count > 0;

    /// <summary>Nodes whose answers are lost.</summary>
    public HashSet<SimulatedNode> Deaf { get; } = [];

    public void Step()
    {
        var at = world.Chance(70) ? 0 : world.Pick(ready.Count);
        var task = ready[at];
        ready.RemoveAt(at);
        scheduler.Run(task);
    }

    /// <summary>The next statement of a node is held back between its beginning and its locks.</summary>
    public void HoldNext(SimulatedNode node, TimeSpan time) => held[node] = time;

    /// <summary>Sends statements and waits for their answer, as long as a node does.</summary>
    public async Task<T> CallAsync<T>(SimulatedNode node, MemoryStore store, Step step, Func<MemoryStore, Task<T>> statements)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limit = node.Clock.CreateTimer(_ =>
            answer.TrySetException(new StoreUnavailableException("the store has not answered.")), null, Limit, Timeout.InfiniteTimeSpan);
        (SimulatedNode, Action) call = (node, Lose);
        calls.Add(call);
        _ = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.None, scheduler);
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

    /// <summary>The connections of a node end: its open transactions are undone, and no answer arrives. A statement that was sent goes on.</summary>
    public void Break(SimulatedNode node)
    {
        node.Tell("loses its connections");
        Gone(node);
        foreach (var (_, end) in calls.Where(call => call.Node == node).ToList()) node.Post(end);
    }

    /// <summary>A process is gone: its open transactions are undone. A statement that was sent goes on.</summary>
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

    /// <summary>Waits until the node has sent its next statement; a transaction of a node that sends nothing is undone.</summary>
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

    /// <summary>Waits for a row that another transaction has. Without a limit, a settler that waits for a job's row would stop the beat of its own node.</summary>
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

    Task PauseAsync(TimeSpan time)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.In(time, over.SetResult);
        return over.Task;
    }

    /// <summary>Takes all work of the server. What follows a commit at once is a part of its step, so that nothing comes between a commit and who looks on.</summary>
    sealed class Scheduler(List<Task> ready) : TaskScheduler
    {
        public void Run(Task task) => TryExecuteTask(task);

        protected override void QueueTask(Task task) => ready.Add(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
            !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => ready;
    }
}
