using System.Data.Common;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>The changes that a program may also make inside its own transaction.</summary>
public interface IJobChanges
{
    /// <summary>Changes jobs and the scheduler state, all or nothing, and notifies of actual changes.</summary>
    /// <remarks>The store calls <see cref="JobEdits.Apply"/>. With several edits of a job, each edit sees the result of
    /// the previous edit. An editor may be called repeatedly. Before its transaction the store calls
    /// <see cref="JobEdits.Prepare"/>, and again after a <see cref="SearchTooLongException"/>, which rolls back the
    /// transaction.</remarks>
    Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken);

    /// <summary>Adds waiting runs, all or none, and sends a notification.</summary>
    /// <remarks>A request with <see cref="RunRequest.FireTime"/> is a backfill: the run has the key of the fire time. The
    /// transaction answers with the existing run if the fire time has a waiting, running or ended run, except a missed run. A
    /// missed run is replaced by the entry of <see cref="EnqueueRules.EntryOf"/>. The last claimed fire time rises to
    /// <see cref="EnqueueRules.LastAfter"/>. The actions of <see cref="EnqueueRules.ActionOf"/> are written in the same
    /// transaction: one for each requested run, and one for all runs of a job's backfill.</remarks>
    /// <exception cref="JobNotFoundException">A job does not exist or has ended.</exception>
    /// <exception cref="BackfillRefusedException">The fire time of a backfill is not decided, or is before the beginning of the
    /// record.</exception>
    Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken);
}

/// <summary>The store of jobs and runs, as used by the engine. Every store must pass the contract tests of
/// <c>Escapement.Testing.Stores</c>.</summary>
/// <remarks>
/// A store decides nothing: it reads rows, passes the rows to a plan of <c>Escapement.Rules</c>, and writes the plan.
/// Each method is a single transaction. Throws <see cref="StoreUnavailableException"/> if the store is unreachable or
/// locked by another process for too long, and <see cref="StoreRefusedException"/> if this program must not use the
/// store. An unreadable row affects its own job only.
/// </remarks>
public interface IJobStore : IJobChanges, IAsyncDisposable
{
    /// <summary>The location and scope of the store.</summary>
    StorePlace Place { get; }

    /// <summary>The authoritative clock: the host's clock, or the database's clock as last measured.</summary>
    TimeProvider Clock { get; }

    /// <summary>Sends notifications to the nodes of the store.</summary>
    IStoreNotifier Notifier { get; }

    /// <summary>Opens the store, migrates its schema, and checks the owning application.</summary>
    /// <param name="application">The application's name, written on the first opening. Later, a different name is
    /// rejected.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    Task OpenAsync(string application, CancellationToken cancellationToken);

    /// <summary>Returns the changes as parts of the caller's transaction. The changes exist only if the caller
    /// commits.</summary>
    /// <remarks>After the commit, the caller passes <see cref="Changed.Notification"/> to the notifier. Otherwise the
    /// work is found at the next heartbeat.</remarks>
    /// <exception cref="NotSupportedException">The store does not support this kind of transaction.</exception>
    IJobChanges In(DbTransaction transaction);

    /// <summary>Hands due fire times and due waiting runs to a node, and records the fire times that do not
    /// run.</summary>
    Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Writes outcomes, each only if its node still owns the run, and sends notifications for watched
    /// runs.</summary>
    /// <remarks>A repeated report with the same attempt and outcome is accepted, because its first answer was
    /// lost.</remarks>
    /// <returns>The number of rejected reports, whose runs had been settled before.</returns>
    Task<int> RecordAsync(IReadOnlyList<Finished> finished);

    /// <summary>Writes a sign, and reads the epochs, the scheduler state and the registered nodes.</summary>
    Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken);

    /// <summary>Begins an epoch, ends other epochs and settles the runs of lost nodes, or changes nothing.</summary>
    Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken);

    /// <summary>Reads jobs with their state, ordered by next fire time and id. Jobs without a next fire time come
    /// last.</summary>
    Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken);

    /// <summary>Reads runs, newest fire time first. Waiting runs are returned only for a query by id.</summary>
    Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>Reads the ledger of a time span in a single snapshot.</summary>
    Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken);

    /// <summary>Deletes records that ended before an instant, and the runs beyond the history limits of their jobs, a bounded
    /// number of rows per call.</summary>
    /// <remarks>A deleted run still counts as run: fire times before the newest deleted fire time and up to the job's
    /// last fire time count as run from then on.</remarks>
    /// <returns>True if more rows remain.</returns>
    Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>A store that can rehearse a takeover and a claim in transactions with rollback, so that a takeover needs no
/// first-time compilation or reads.</summary>
public interface IWarmUp
{
    /// <summary>Rehearses a change of epochs, a claim and a record, and rolls the changes back.</summary>
    /// <param name="node">The node.</param>
    /// <param name="handlers">The handlers known to the node.</param>
    /// <param name="times">The number of rehearsals.</param>
    /// <param name="cancellationToken">Cancels the warm-up.</param>
    Task WarmUpAsync(NodeName node, IReadOnlySet<string> handlers, int times, CancellationToken cancellationToken);
}
