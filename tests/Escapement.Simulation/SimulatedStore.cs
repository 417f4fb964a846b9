using System.Data.Common;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>
/// A node's access to the shared store. Each transaction has a before, an inside that holds the turn to write, and an
/// after, before its answer reaches the node.
/// </summary>
/// <remarks>The parts of a transaction are virtual, so that a rule of the store can be removed.</remarks>
class SimulatedStore(World world, SharedStore shared, Checker checker, SimulatedNode node) : IJobStore, IWarmUp, IStoreNotifier
{
    static readonly CancellationToken None = CancellationToken.None;

    protected World World => world;

    protected SharedStore Shared => shared;

    protected Checker Checker => checker;

    protected SimulatedNode Node => node;

    public SimulatedStore(SimulatedStore other) : this(other.World, other.Shared, other.Checker, other.Node)
    {
    }

    public StorePlace Place { get; } = new("simulated", "the shared store", null, "this machine") { Actives = shared.Inner.Place.Actives };

    public TimeProvider Clock => node.Clock;

    public IStoreNotifier Notifier => this;

    public Task OpenAsync(string application, CancellationToken cancellationToken) => shared.Inner.OpenAsync(application, None);

    public IJobChanges In(DbTransaction transaction) =>
        throw new NotSupportedException("The simulated store has no transactions of a caller's.");

    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) =>
        ReadAsync(Step.Read, store => store.JobsAsync(query, None));

    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) => WriteAsync(Step.Change, async store =>
    {
        var changed = await store.ChangeAsync(change, None);
        foreach (var job in changed.Jobs) checker.Changed(job!);
        return changed;
    });

    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        WriteAsync(Step.Change, store => store.EnqueueAsync(requests, None));

    public virtual Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        WriteAsync(Step.Claim, async store =>
    {
        var claimed = shared.IsForEach ? await store.ClaimAsync(Sent(request), None) : Claim(request);
        checker.Claimed(node, request, claimed);
        return claimed;
    });

    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) => WriteAsync(Step.Record, async store =>
    {
        var refused = shared.IsForEach ? await store.RecordAsync(finished) : Record(finished);
        checker.Recorded(node, finished, refused);
        return refused;
    });

    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken)
    {
        switch (sign)
        {
            case Sign.Enter:
                return WriteAsync(Step.Enter, store => LookAsync(store, sign));
            case Sign.Heartbeat beat:
                return WriteAsync(Step.Heartbeat, async store =>
                {
                    var look = await LookAsync(store, sign);
                    checker.Beaten(node, beat.Epoch, look);
                    return look;
                });
            case Sign.Probe probe:
                return WriteAsync(Step.Ask, store =>
                {
                    node.Tell($"asks for a beat of epoch {probe.Seen.Number}");
                    return LookAsync(store, sign);
                });
            default:
                return ReadAsync(Step.Look, store => LookAsync(store, sign));
        }
    }

    public virtual async Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken)
    {
        var answer = await WriteAsync(StepOf(change), async store =>
        {
            var changed = shared.IsForEach ? await store.ChangeEpochsAsync(change, None) : Change(change);
            checker.ChangedEpochs(node, change, changed);
            return changed;
        });
        if (answer.Begun is { } begun) checker.Told(begun.Number);
        return answer;
    }

    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        ReadAsync(Step.Read, store => store.RunsAsync(query, None));

    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        ReadAsync(Step.Read, store => store.LedgerAsync(query, None));

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        WriteAsync(Step.Change, store => store.TrimAsync(before, None));

    /// <summary>Rolls back the store's part of a warm-up, so that other nodes notice only the turn to write.</summary>
    public Task WarmUpAsync(NodeName who, IReadOnlySet<string> handlers, int times, CancellationToken cancellationToken) =>
        WriteAsync(Step.Read, _ => Task.FromResult(true));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    void IStoreNotifier.Notify(Notification notification) => shared.Notify(notification);

    IDisposable IStoreNotifier.Subscribe(Action<Notification> notified) => shared.Listen(node, notified);

    void IStoreNotifier.Answer(string who, Func<NodeInfo> report)
    {
    }

    Task<IReadOnlyList<NodeInfo>> IStoreNotifier.AskNodesAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<NodeInfo>>([]);

    /// <summary>Returns the claim in its sent form if every node is active.</summary>
    protected virtual ClaimRequest Sent(ClaimRequest request) => request;

    Task<Look> LookAsync(MemoryStore store, Sign sign) => shared.IsForEach ? store.LookAsync(sign, None) : Task.FromResult(Look(sign));

    protected virtual Claimed Claim(ClaimRequest request) => shared.Inner.ClaimAsync(request, None).Result;

    protected virtual int Record(IReadOnlyList<Finished> finished) => shared.Inner.RecordAsync(finished).Result;

    protected virtual EpochChanged Change(EpochChange change) => shared.Inner.ChangeEpochsAsync(change, None).Result;

    protected virtual Look Look(Sign sign) => shared.Inner.LookAsync(sign, None).Result;

    static Step StepOf(EpochChange change) =>
        change.StepDown is not null ? Step.Leave : change.Begin is not null ? Step.Raise : Step.Settle;

    async Task<T> ReadAsync<T>(Step step, Func<MemoryStore, Task<T>> read)
    {
        await node.PointAsync(step, When.Before);
        if (node.IsCutOff) throw Away("the store cannot be reached.");
        var answer = shared.IsForEach ? await CallAsync(step, read) : shared.Do(node, read);
        await node.PointAsync(step, When.After);
        return answer;
    }

    async Task<T> CallAsync<T>(Step step, Func<MemoryStore, Task<T>> statements)
    {
        try
        {
            return await shared.Server.CallAsync(node, shared.Inner, step, statements);
        }
        catch (StoreUnavailableException)
        {
            checker.StoreWasAway(node);
            throw;
        }
    }

    protected async Task<T> WriteAsync<T>(Step step, Func<MemoryStore, Task<T>> transaction)
    {
        await node.PointAsync(step, When.Before);
        T answer;
        if (shared.IsForEach)
        {
            if (node.IsCutOff) throw Away("the store cannot be reached.");
            answer = await CallAsync(step, transaction);
            await node.PointAsync(step, When.After);
            return answer;
        }

        if (!await shared.TakeTurnAsync(node)) throw Away("the store is held by another process for too long.");
        try
        {
            await node.PointAsync(step, When.Inside);
            if (node.IsCutOff) throw Away("the store cannot be reached.");
            if (shared.IsOut) throw Away("the store cannot be written.");
            answer = shared.Do(node, transaction);
        }
        finally
        {
            shared.Release(node);
        }

        // A fault at this point strikes after the commit and before the node knows the result.
        await node.PointAsync(step, When.After);
        return answer;
    }

    StoreUnavailableException Away(string message)
    {
        checker.StoreWasAway(node);
        return new(message);
    }
}
