using System.Data.Common;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>The access of a node to a partition. A partition that is out costs each caller the time limit of a connection. After a
/// failover, the epochs of the earlier timeline claim nothing, as in the store of PostgreSQL.</summary>
/// <param name="partition">The partition.</param>
/// <param name="sessions">The sessions for the calls.</param>
/// <param name="clock">The clock of the node.</param>
/// <param name="counted">Takes each transaction.</param>
sealed class PartitionAccess(
    Partition partition, PartitionSessions sessions, TimeProvider clock, Action<PartitionWork> counted) : IJobStore
{
    /// <summary>The time after which a call to a partition that is out fails.</summary>
    static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    readonly Dictionary<long, int> timelines = [];

    public StorePlace Place { get; } = new("simulated", $"partition {partition.Number}", null, "the partition") { Actives = ActiveNodes.Each };

    public TimeProvider Clock => clock;

    public IStoreNotifier Notifier => partition.Store.Notifier;

    public Task OpenAsync(string application, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, async store =>
        {
            await store.OpenAsync(application, cancellationToken);
            return true;
        });

    public IJobChanges In(DbTransaction transaction) => partition.Store.In(transaction);

    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, store => store.ChangeAsync(change, cancellationToken));

    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, store => store.EnqueueAsync(requests, cancellationToken));

    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) => UseAsync(
        claimed => claimed.Runs.Count > 0 ? PartitionWork.Claim : PartitionWork.EmptyClaim,
        store => IsOld(request.Epoch) ? Task.FromResult(Claimed.Refused) : store.ClaimAsync(request, cancellationToken));

    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) => UseAsync(PartitionWork.Record, store => store.RecordAsync(finished));

    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) => UseAsync(PartitionWork.Look, async store =>
        sign is Sign.Heartbeat { Epoch: var own } && IsOld(own)
            ? Without(await store.LookAsync(Sign.None, cancellationToken), own)
            : await store.LookAsync(sign, cancellationToken));

    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, async store =>
        {
            if (change.By is var (_, own) && IsOld(own)) return new();
            var changed = await store.ChangeEpochsAsync(change, cancellationToken);
            if (changed.Begun is { } epoch) timelines[epoch.Number] = partition.Timeline;
            return changed;
        });

    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, store => store.JobsAsync(query, cancellationToken));

    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, store => store.RunsAsync(query, cancellationToken));

    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, store => store.LedgerAsync(query, cancellationToken));

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        UseAsync(PartitionWork.Other, store => store.TrimAsync(before, cancellationToken));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    bool IsOld(long epoch) => timelines.TryGetValue(epoch, out var timeline) && timeline != partition.Timeline;

    static Look Without(Look look, long epoch) => new()
    {
        Living = [.. look.Living.Where(row => row.Number != epoch)],
        Draining = look.Draining,
        Newest = look.Newest,
        State = look.State,
        Nodes = look.Nodes,
        NextDue = look.NextDue,
    };

    Task<T> UseAsync<T>(PartitionWork work, Func<MemoryStore, Task<T>> call) => UseAsync(_ => work, call);

    async Task<T> UseAsync<T>(Func<T, PartitionWork> workOf, Func<MemoryStore, Task<T>> call)
    {
        await sessions.TakeAsync();
        try
        {
            if (partition.IsOut) throw await FailAsync();
            var answer = await call(partition.Store);
            counted(workOf(answer));
            return partition.LosesAnswers ? throw await FailAsync() : answer;
        }
        finally
        {
            sessions.Return();
        }
    }

    async Task<StoreUnavailableException> FailAsync()
    {
        await Task.Delay(ConnectLimit, clock);
        return new($"The partition {partition.Number} cannot be reached.");
    }
}

/// <summary>A number of sessions. Whoever finds none free waits for the first that comes back.</summary>
/// <param name="count">The number, or null for no limit.</param>
sealed class PartitionSessions(int? count)
{
    readonly Queue<TaskCompletionSource> waiting = new();
    int free = count ?? int.MaxValue;

    public Task TakeAsync()
    {
        if (free > 0)
        {
            free--;
            return Task.CompletedTask;
        }

        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Enqueue(turn);
        return turn.Task;
    }

    public void Return()
    {
        if (waiting.TryDequeue(out var next)) next.SetResult();
        else free++;
    }
}
