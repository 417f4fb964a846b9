using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement;

/// <summary>The scheduler as a program uses it, in every process of the store alike.</summary>
/// <remarks>
/// Every method throws <see cref="StoreUnavailableException"/> when the store cannot be reached now, and <see cref="FormatException"/> for an id that is none.
/// Those that name a job throw <see cref="JobNotFoundException"/> when there is none.
/// </remarks>
public interface IScheduler
{
    /// <summary>Adds a job.</summary>
    /// <exception cref="JobExistsException">The id is taken and replacing was not asked for.</exception>
    /// <exception cref="HandlerNotFoundException">No such handler.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not fit it.</exception>
    /// <exception cref="JobChangedException"><see cref="NewJob.IfVersion"/> is given, and the job is at another version or does not exist.</exception>
    Task<StoredJob> AddAsync(NewJob job, CancellationToken stop = default);

    /// <summary>Changes a job, all or nothing.</summary>
    /// <exception cref="JobChangedException">It is no longer at <see cref="JobChange.IfVersion"/>.</exception>
    Task<StoredJob> ChangeAsync(string job, JobChange change, CancellationToken stop = default);

    /// <summary>Pauses a job: its fire times become entries until it is resumed; runs that are asked for still start.</summary>
    /// <param name="job">The job's id.</param>
    /// <param name="note">What to say about the pause; may be null.</param>
    /// <param name="ifVersion">The <see cref="StoredJob.Version"/> that the job must be at; null for any.</param>
    /// <param name="stop">The cancellation token.</param>
    /// <exception cref="JobChangedException">The job is at another version.</exception>
    Task<StoredJob> PauseAsync(string job, PauseNote? note = null, long? ifVersion = null, CancellationToken stop = default);

    /// <summary>Resumes a job: the next fire time is the first from now on. One whose trigger yields nothing more ends.</summary>
    /// <param name="job">The job's id.</param>
    /// <param name="ifVersion">The <see cref="StoredJob.Version"/> that the job must be at; null for any.</param>
    /// <param name="stop">The cancellation token.</param>
    /// <returns>Null when the job has ended by this.</returns>
    /// <exception cref="JobChangedException">The job is at another version.</exception>
    Task<StoredJob?> ResumeAsync(string job, long? ifVersion = null, CancellationToken stop = default);

    /// <summary>Removes a job; its runs stay readable and its id cannot run a fire time again that ran before.</summary>
    /// <param name="job">Which.</param>
    /// <param name="ifVersion">Only if the job is still at this <see cref="StoredJob.Version"/>; null for whatever it is at.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="JobChangedException">It is not.</exception>
    Task RemoveAsync(string job, long? ifVersion = null, CancellationToken stop = default);

    /// <summary>Asks for a run.</summary>
    /// <param name="job">Which job; one that is paused runs too.</param>
    /// <param name="args">In place of the job's own.</param>
    /// <param name="after">From then on; not together with <paramref name="at"/>.</param>
    /// <param name="at">From this instant on.</param>
    /// <param name="key">Unique while the run waits or runs: asking again with it answers the one that stands.</param>
    /// <param name="stop">Gives up asking; the run, once asked for, stays.</param>
    Task<RequestedRun> RunAsync(
        string job, JobArguments? args = null, TimeSpan? after = null, DateTimeOffset? at = null, string? key = null, CancellationToken stop = default);

    /// <summary>Asks for several runs in one transaction: all or none.</summary>
    /// <exception cref="JobNotFoundException">A job does not exist.</exception>
    /// <exception cref="JobChangedException">A job is at another version than <see cref="RunRequest.IfVersion"/>.</exception>
    /// <exception cref="FormatException">The stored definition of a job cannot be read.</exception>
    Task<IReadOnlyList<RequestedRun>> RunManyAsync(IReadOnlyList<RunRequest> requests, CancellationToken stop = default);

    /// <summary>All jobs, by next fire time; paused ones last.</summary>
    Task<IReadOnlyList<StoredJob>> JobsAsync(CancellationToken stop = default);

    /// <summary>One job.</summary>
    Task<StoredJob> JobAsync(string job, CancellationToken stop = default);

    /// <summary>A page of runs, newest fire time first, and how to go on.</summary>
    Task<RunPage> RunsAsync(RunQuery query, CancellationToken stop = default);

    /// <summary>The marks of the whole scheduler.</summary>
    Task<SchedulerState> StateAsync(CancellationToken stop = default);

    /// <summary>Pauses the whole scheduler, in every process and across restarts.</summary>
    Task PauseAllAsync(PauseNote? note = null, CancellationToken stop = default);

    /// <summary>Ends the pause of the whole scheduler; what came due meanwhile is handled by each job's grace.</summary>
    Task ResumeAllAsync(CancellationToken stop = default);

    /// <summary>Starts a scheduler that was shut down.</summary>
    /// <returns>False when it was not.</returns>
    Task<bool> StartAsync(CancellationToken stop = default);

    /// <summary>Shuts the scheduler down, in every process, until it is started again. Runs that go on are not stopped.</summary>
    /// <returns>False when it was shut down already.</returns>
    Task<bool> ShutdownAsync(CancellationToken stop = default);

    /// <summary>The living processes of the store.</summary>
    Task<IReadOnlyList<NodeReport>> NodesAsync(CancellationToken stop = default);
}

/// <summary>A run that was asked for.</summary>
public sealed class RequestedRun
{
    readonly Func<RunId, CancellationToken, Task<Run>> wait;

    internal RequestedRun(RunId id, bool existing, Func<RunId, CancellationToken, Task<Run>> wait)
    {
        Id = id;
        Existing = existing;
        this.wait = wait;
    }

    /// <summary>Names the run.</summary>
    public RunId Id { get; }

    /// <summary>Whether it stood already under the same key.</summary>
    public bool Existing { get; }

    /// <summary>Waits until the run has an outcome.</summary>
    /// <param name="stop">Stops waiting; the run goes on.</param>
    /// <exception cref="RunNotFoundException">The run was deleted with the old history.</exception>
    public Task<Run> EndAsync(CancellationToken stop = default) => wait(Id, stop);
}
