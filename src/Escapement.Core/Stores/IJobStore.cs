using System.Data.Common;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>The changes that a program may also make inside a transaction of its own.</summary>
public interface IJobChanges
{
    /// <summary>Changes jobs and the state of the scheduler, all or nothing, and notifies if something changed.</summary>
    /// <remarks>The store asks <see cref="JobEdits.Apply"/>; of several edits of one job each sees what the one before made. An editor may be asked again. Before its transaction the store calls
    /// <see cref="JobEdit.Prepare"/>, and again after a <see cref="SearchTooLongException"/>, which undoes the transaction.</remarks>
    Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken);

    /// <summary>Adds waiting runs, all or none, and notifies.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken);
}

/// <summary>What the engine asks of a place where jobs and runs live. Every store passes the contract tests of <c>Escapement.Testing.Stores</c>.</summary>
/// <remarks>
/// A store decides nothing: it reads rows, hands them to a plan of <c>Escapement.Rules</c>, and writes what the plan says. Each method is one transaction. A store that cannot be reached,
/// or is held by another process for too long, throws <see cref="StoreUnavailableException"/>; a store that this program must not use throws <see cref="StoreRefusedException"/>.
/// A row that cannot be read harms its own job alone.
/// </remarks>
public interface IJobStore : IJobChanges, IAsyncDisposable
{
    /// <summary>Where the store is and how far it reaches.</summary>
    StorePlace Place { get; }

    /// <summary>The clock that decides: the host's, or the database's as last measured.</summary>
    TimeProvider Clock { get; }

    /// <summary>Wakes the nodes that share the store.</summary>
    IStoreNotifier Notifier { get; }

    /// <summary>Opens the store, migrates its schema, and checks whose jobs it holds.</summary>
    /// <param name="application">The application's name; written at the first opening, another name is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task OpenAsync(string application, CancellationToken cancellationToken);

    /// <summary>Returns the changes as parts of the caller's transaction: they exist exactly if it is committed.</summary>
    /// <remarks>The caller hands <see cref="Changed.Notification"/> to the notifier once it has committed; otherwise the next heartbeat finds the work.</remarks>
    /// <exception cref="NotSupportedException">The store has no transactions of this kind.</exception>
    IJobChanges In(DbTransaction transaction);

    /// <summary>Hands due fire times and due waiting runs to a node, and writes what became of the fire times that do not run.</summary>
    Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Writes outcomes; each only if its node still owns the run. Notifies of watched runs.</summary>
    /// <remarks>A report that the store has already, of the same attempt and with the same outcome, is taken and not refused: its first answer was lost.</remarks>
    /// <returns>How many were refused because their run had been settled before.</returns>
    Task<int> RecordAsync(IReadOnlyList<Finished> finished);

    /// <summary>Reads the epochs, the state of the scheduler and the known nodes, after writing a sign.</summary>
    Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken);

    /// <summary>Begins an epoch, ends others and settles what lost nodes left, or changes nothing.</summary>
    Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken);

    /// <summary>Reads jobs with their state by next fire time, those without one last, then by id.</summary>
    Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken);

    /// <summary>Reads runs, newest fire time first; waiting runs too where one run is asked for by its id.</summary>
    Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>Reads the layers of the ledger of a span in one snapshot.</summary>
    Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken);

    /// <summary>Deletes what ended before an instant, a bounded number of rows a call.</summary>
    /// <remarks>A deleted run has run all the same: a fire time that is not later than its job's last one and before the newest deleted one counts as run from then on.</remarks>
    /// <returns>Whether more remains.</returns>
    Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>A store that can walk a takeover and a claim in transactions that it undoes, so that nothing is compiled or read for the first time in the moment of a takeover.</summary>
public interface IWarmUp
{
    /// <summary>Walks a change of epochs, a claim and a record, and undoes them.</summary>
    /// <param name="node">Who warms up.</param>
    /// <param name="handlers">The handlers that it knows.</param>
    /// <param name="times">How often.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task WarmUpAsync(NodeName node, IReadOnlySet<string> handlers, int times, CancellationToken cancellationToken);
}
