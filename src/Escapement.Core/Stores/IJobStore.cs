using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>What the engine asks of a place where jobs and runs live. Every store passes the contract tests of <c>Escapement.Testing</c>.</summary>
/// <remarks>
/// A store holds no rule: inside its transactions it asks <c>Escapement.Rules.Decide</c> and the editors that it is given.
/// Each method is one transaction. A store that cannot be reached, or is held by another process for too long, throws <see cref="StoreUnavailableException"/>;
/// one that this program must not use throws <see cref="StoreRefusedException"/>.
/// </remarks>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>Where it is and how far it reaches.</summary>
    StorePlace Place { get; }

    /// <summary>Wakes the nodes that share the store.</summary>
    IDoorbell Doorbell { get; }

    /// <summary>Opens the store, migrates its schema, and checks whose jobs it holds.</summary>
    /// <param name="application">The application's name; written at the first opening, another name is refused.</param>
    /// <param name="stop">Gives up.</param>
    Task OpenAsync(string application, CancellationToken stop);

    /// <summary>Names a node in the store, or changes what it declares. It must hold its life lock.</summary>
    Task EnterAsync(NodeName node, IReadOnlyCollection<string> declares, CancellationToken stop);

    /// <summary>Reads jobs with their state: one, or all by next fire time with those that have none last, then by id.</summary>
    /// <param name="job">Only this one; an empty answer when it does not exist.</param>
    /// <param name="ended">Whether also those that no longer fire.</param>
    /// <param name="stop">Gives up.</param>
    Task<IReadOnlyList<StoredJob>> JobsAsync(JobId? job, bool ended, CancellationToken stop);

    /// <summary>Changes jobs, all or none, and rings if one changed. The waiting runs of one that ended, but for one whose trigger is exhausted, end as missed.</summary>
    /// <remarks>The store keeps number and running count, and counts the version up. Of several edits of one job each sees what the one before made.</remarks>
    /// <returns>The jobs as they stand now, in the order of <paramref name="edits"/>; null where an editor answered null.</returns>
    Task<IReadOnlyList<StoredJob?>> ChangeAsync(IReadOnlyList<JobEdit> edits, CancellationToken stop);

    /// <summary>Changes the scheduler's marks, and rings if they changed.</summary>
    Task<SchedulerState> ChangeStateAsync(Func<SchedulerState, DateTimeOffset, SchedulerState> edit, CancellationToken stop);

    /// <summary>Adds waiting runs, all or none, and rings.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    Task<IReadOnlyList<AskedRun>> AskAsync(IReadOnlyList<RunRequest> requests, CancellationToken stop);

    /// <summary>Hands due fire times and due waiting runs to a node, and writes what became of the fire times that do not run.</summary>
    Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken stop);

    /// <summary>Writes outcomes; each only if its node still owns the run. Rings for watched ones.</summary>
    /// <returns>How many were refused because their run had been settled before.</returns>
    Task<int> RecordAsync(IReadOnlyList<Finished> finished);

    /// <summary>Begins an epoch, ends the one before, and settles what lost nodes left; or changes nothing.</summary>
    Task<Raised> RaiseAsync(RaiseRequest request, CancellationToken stop);

    /// <summary>Settles the runs of nodes that left and are now lost, and forgets these nodes. Only the current epoch may.</summary>
    /// <returns>How many runs were settled; -1 when the epoch is not the current one.</returns>
    Task<int> SettleAsync(long epoch, IReadOnlyCollection<string> lost, CancellationToken stop);

    /// <summary>A sign of life of the current epoch. Rings nobody.</summary>
    /// <returns>The newest epoch as it stands after this; the beat was accepted if it is this one and has not ended.</returns>
    Task<Look> BeatAsync(string node, long epoch, CancellationToken stop);

    /// <summary>Reads the newest epoch, the scheduler's marks and the known nodes, without writing.</summary>
    Task<Look> LookAsync(CancellationToken stop);

    /// <summary>A waiter's question whether the newest epoch still lives, written and rung.</summary>
    /// <returns>The newest epoch as it stands after this.</returns>
    Task<Look> AskForBeatAsync(string node, EpochSeen seen, CancellationToken stop);

    /// <summary>Ends an epoch by its own node, writes the drain limit, and rings.</summary>
    /// <returns>False when the epoch was not the current one: the node is fenced.</returns>
    Task<bool> LeaveAsync(LeaveRequest request, CancellationToken stop);

    /// <summary>Reads runs; those that wait too when one is asked for by its id.</summary>
    Task<IReadOnlyList<Run>> RunsAsync(RunQuery query, CancellationToken stop);

    /// <summary>Reads the entries of a job, or of all, whose last fire time is at or after an instant; oldest first.</summary>
    Task<IReadOnlyList<Entry>> EntriesAsync(JobId? job, DateTimeOffset since, CancellationToken stop);

    /// <summary>Reads the epochs that had not ended by an instant; oldest first.</summary>
    Task<IReadOnlyList<Epoch>> EpochsAsync(DateTimeOffset since, CancellationToken stop);

    /// <summary>Deletes ended runs and entries with fire times before an instant, a bounded number a call.</summary>
    /// <remarks>A deleted run has run all the same: a fire time before the instant that is not later than its job's last one counts as run from then on.</remarks>
    /// <returns>Whether more remain.</returns>
    Task<bool> TrimAsync(DateTimeOffset before, CancellationToken stop);

    /// <summary>Walks raise, settle, claim and record in transactions that are undone, so that nothing is compiled or read for the first time in the moment of a takeover.</summary>
    /// <param name="node">Who rehearses.</param>
    /// <param name="handlers">The handlers that it knows.</param>
    /// <param name="times">How often.</param>
    /// <param name="stop">Gives up.</param>
    Task RehearseAsync(NodeName node, IReadOnlySet<string> handlers, int times, CancellationToken stop);
}
