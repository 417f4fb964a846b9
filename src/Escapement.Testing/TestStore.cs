using System.Data.Common;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Testing;

/// <summary>Gives a process access to the store of a test: counts the calls under way, records the requests, and causes the
/// faults that the test has switched on.</summary>
sealed class TestStore(SharedStore shared, World world, TestProcess process, TestRecord record, Func<string, bool> isGone) : IJobStore
{
    readonly IJobStore store = shared.Store;

    /// <inheritdoc/>
    public StorePlace Place { get; } = shared.Store.Place.Shared
        ? shared.Store.Place
        : new("test", "the memory of the test", null, "this machine") { Actives = shared.Store.Place.Actives };

    /// <inheritdoc/>
    public TimeProvider Clock { get; } = new TestClock(world, process);

    /// <inheritdoc/>
    public IStoreNotifier Notifier { get; } = new TestNotifier(shared.Store.Notifier, isGone);

    /// <inheritdoc/>
    public Task OpenAsync(string application, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        await shared.OpenAsync(application, cancellationToken);
        return true;
    }, cancellationToken);

    /// <inheritdoc/>
    public IJobChanges In(DbTransaction transaction) => new Changes(store.In(transaction), record);

    /// <inheritdoc/>
    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
        CallAsync(() => store.ChangeAsync(change, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        CallAsync(() => new Changes(store, record).EnqueueAsync(requests, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        CallAsync(() => store.ClaimAsync(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) =>
        CallAsync(() => store.RecordAsync(finished), CancellationToken.None);

    /// <inheritdoc/>
    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) =>
        CallAsync(() => store.LookAsync(sign, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        CallAsync(() => store.ChangeEpochsAsync(change, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) =>
        CallAsync(() => store.JobsAsync(query, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        CallAsync(() => store.RunsAsync(query, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        CallAsync(() => store.LedgerAsync(query, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        CallAsync(() => store.TrimAsync(before, cancellationToken), cancellationToken);

    /// <summary>Ends the access of a process. The store itself belongs to the test.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        // A call from the test itself is not delayed: the test could not advance the clock meanwhile.
        if (shared.Delay is { Ticks: > 0 } delay && (TaskScheduler.Current is NodeScheduler || RunWatch.Current is not null))
            await Task.Delay(delay, Clock, cancellationToken);
        if (process.IsGone) throw new StoreUnavailableException($"Process {process.Name.Pid} of the test was killed.");
        if (shared.IsUnavailable) throw new StoreUnavailableException("The test has made the store unavailable.");
        world.BeginStoreCall();
        try
        {
            return await call();
        }
        finally
        {
            world.EndStoreCall();
        }
    }

    /// <summary>Records the requests, also those inside a transaction of the program.</summary>
    sealed class Changes(IJobChanges changes, TestRecord record) : IJobChanges
    {
        public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
            changes.ChangeAsync(change, cancellationToken);

        public async Task<IReadOnlyList<Enqueued>> EnqueueAsync(
            IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken)
        {
            var enqueued = await changes.EnqueueAsync(requests, cancellationToken);
            for (var i = 0; i < requests.Count; i++) record.Add(new TestRequest(requests[i], enqueued[i].Run, enqueued[i].Existing));
            return enqueued;
        }
    }
}
