using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Testing.Simulation;

/// <summary>One node's way to the shared store. Each transaction has a before, an inside that holds the turn to write, and an after, before its answer reaches the node.</summary>
/// <remarks>What is done in a transaction is virtual, so that a rule of the store can be taken away.</remarks>
class SimulatedStore(World world, SharedStore shared, Checker checker, SimulatedNode node) : IJobStore, IDoorbell
{
    static readonly CancellationToken None = CancellationToken.None;

    protected World World => world;

    protected SharedStore Shared => shared;

    protected Checker Checker => checker;

    protected SimulatedNode Node => node;

    public SimulatedStore(SimulatedStore other) : this(other.World, other.Shared, other.Checker, other.Node)
    {
    }

    public StorePlace Place { get; } = new("simulated", "the shared store", null, "this machine");

    public IDoorbell Doorbell => this;

    public Task OpenAsync(string application, CancellationToken stop) => shared.Inner.OpenAsync(application, None);

    public Task EnterAsync(NodeName entering, IReadOnlyCollection<string> declares, CancellationToken stop) => WriteAsync(Step.Enter, async store =>
    {
        await store.EnterAsync(entering, declares, None);
        return true;
    });

    public Task<IReadOnlyList<StoredJob>> JobsAsync(JobId? job, bool ended, CancellationToken stop) => ReadAsync(Step.Read, store => store.JobsAsync(job, ended, None));

    public async Task<IReadOnlyList<StoredJob?>> ChangeAsync(IReadOnlyList<JobEdit> edits, CancellationToken stop) => await WriteAsync(Step.Change, async store =>
    {
        var jobs = await store.ChangeAsync(edits, None);
        foreach (var job in jobs) checker.Changed(job!);
        return jobs;
    });

    public Task<SchedulerState> ChangeStateAsync(Func<SchedulerState, DateTimeOffset, SchedulerState> edit, CancellationToken stop) =>
        WriteAsync(Step.Change, store => store.ChangeStateAsync(edit, None));

    public Task<IReadOnlyList<AskedRun>> AskAsync(IReadOnlyList<RunRequest> requests, CancellationToken stop) => WriteAsync(Step.Change, store => store.AskAsync(requests, None));

    public virtual Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken stop) => WriteAsync(Step.Claim, _ =>
    {
        var claimed = Claim(request);
        checker.Claimed(node, request, claimed);
        return Task.FromResult(claimed);
    });

    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) => WriteAsync(Step.Record, _ =>
    {
        var refused = Record(finished);
        checker.Recorded(node, finished, refused);
        return Task.FromResult(refused);
    });

    public virtual Task<Raised> RaiseAsync(RaiseRequest request, CancellationToken stop) => WriteAsync(Step.Raise, _ =>
    {
        var raised = Raise(request);
        checker.Raised(node, request, raised);
        return Task.FromResult(raised);
    });

    public Task<int> SettleAsync(long epoch, IReadOnlyCollection<string> lost, CancellationToken stop) => WriteAsync(Step.Settle, _ =>
    {
        var settled = Settle(epoch, lost);
        checker.Settled(node, lost, settled);
        return Task.FromResult(settled);
    });

    public Task<Look> BeatAsync(string id, long epoch, CancellationToken stop) => WriteAsync(Step.Beat, _ =>
    {
        var look = Beat(id, epoch);
        checker.Beaten(node, epoch, look);
        return Task.FromResult(look);
    });

    public Task<Look> LookAsync(CancellationToken stop) => ReadAsync(Step.Look, _ => Task.FromResult(Look()));

    public Task<Look> AskForBeatAsync(string id, EpochSeen seen, CancellationToken stop) => WriteAsync(Step.Ask, store =>
    {
        node.Tell($"asks for a beat of epoch {seen.Number}");
        return store.AskForBeatAsync(id, seen, None);
    });

    public virtual Task<bool> LeaveAsync(LeaveRequest request, CancellationToken stop) => WriteAsync(Step.Leave, _ =>
    {
        var left = Leave(request);
        checker.Left(node, request, left);
        return Task.FromResult(left);
    });

    public Task<IReadOnlyList<Run>> RunsAsync(RunQuery query, CancellationToken stop) => ReadAsync(Step.Read, store => store.RunsAsync(query, None));

    public Task<IReadOnlyList<Entry>> EntriesAsync(JobId? job, DateTimeOffset since, CancellationToken stop) => ReadAsync(Step.Read, store => store.EntriesAsync(job, since, None));

    public Task<IReadOnlyList<Epoch>> EpochsAsync(DateTimeOffset since, CancellationToken stop) => ReadAsync(Step.Read, store => store.EpochsAsync(since, None));

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken stop) => WriteAsync(Step.Change, store => store.TrimAsync(before, None));

    public Task RehearseAsync(NodeName who, IReadOnlySet<string> handlers, int times, CancellationToken stop) => WriteAsync(Step.Read, async store =>
    {
        await store.RehearseAsync(who, handlers, times, None);
        return true;
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    void IDoorbell.Ring(Bell bell) => shared.Ring(bell);

    IDisposable IDoorbell.Listen(Action<Bell> rung) => shared.Listen(node, rung);

    void IDoorbell.Answer(string who, Func<NodeReport> report)
    {
    }

    Task<IReadOnlyList<NodeReport>> IDoorbell.AskNodesAsync(TimeSpan limit, CancellationToken stop) => Task.FromResult<IReadOnlyList<NodeReport>>([]);

    protected virtual Claimed Claim(ClaimRequest request) => shared.Inner.ClaimAsync(request, None).Result;

    protected virtual int Record(IReadOnlyList<Finished> finished) => shared.Inner.RecordAsync(finished).Result;

    protected virtual Raised Raise(RaiseRequest request) => shared.Inner.RaiseAsync(request, None).Result;

    protected virtual int Settle(long epoch, IReadOnlyCollection<string> lost) => shared.Inner.SettleAsync(epoch, lost, None).Result;

    protected virtual Look Beat(string id, long epoch) => shared.Inner.BeatAsync(id, epoch, None).Result;

    protected virtual Look Look() => shared.Inner.LookAsync(None).Result;

    protected virtual bool Leave(LeaveRequest request) => shared.Inner.LeaveAsync(request, None).Result;

    async Task<T> ReadAsync<T>(Step step, Func<MemoryStore, Task<T>> read)
    {
        await node.PointAsync(step, When.Before);
        if (node.IsCutOff) throw new StoreUnavailableException("the store cannot be reached.");
        var answer = shared.Do(node, read);
        await node.PointAsync(step, When.After);
        return answer;
    }

    protected async Task<T> WriteAsync<T>(Step step, Func<MemoryStore, Task<T>> transaction)
    {
        await node.PointAsync(step, When.Before);
        T answer;
        await shared.TakeTurnAsync(node);
        try
        {
            await node.PointAsync(step, When.Inside);
            if (node.IsCutOff) throw new StoreUnavailableException("the store cannot be reached.");
            if (shared.IsOut) throw new StoreUnavailableException("the store cannot be written.");
            answer = shared.Do(node, transaction);
        }
        finally
        {
            shared.LetGo(node);
        }

        // A fault here strikes when all is written and the node does not know it yet.
        await node.PointAsync(step, When.After);
        return answer;
    }
}
