using System.Data.Common;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>A process's access to the store of a year, which outlives the processes.</summary>
sealed class YearStore(IJobStore inner, TimeProvider clock) : IJobStore
{
    public StorePlace Place { get; } = new("simulated", "the store of the year", null, "this machine") { Actives = inner.Place.Actives };

    public TimeProvider Clock => clock;

    public IStoreNotifier Notifier => inner.Notifier;

    public Task OpenAsync(string application, CancellationToken cancellationToken) => inner.OpenAsync(application, cancellationToken);

    public IJobChanges In(DbTransaction transaction) => inner.In(transaction);

    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) => inner.ChangeAsync(change, cancellationToken);

    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        inner.EnqueueAsync(requests, cancellationToken);

    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        inner.ClaimAsync(request, cancellationToken);

    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) => inner.RecordAsync(finished);

    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) => inner.LookAsync(sign, cancellationToken);

    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        inner.ChangeEpochsAsync(change, cancellationToken);

    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) => inner.JobsAsync(query, cancellationToken);

    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) => inner.RunsAsync(query, cancellationToken);

    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        inner.LedgerAsync(query, cancellationToken);

    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) => inner.TrimAsync(before, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
