using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement;

/// <summary>The scheduler as a program uses it, in every process of the store alike.</summary>
/// <remarks>
/// <para>The answers are snapshots: the same facts that REST shows, from the same store, whichever process answers.</para>
/// <para>Every method throws <see cref="StoreUnavailableException"/> when the store cannot be reached, <see cref="StoreRefusedException"/> when this program must not use the store,
/// and <see cref="OperationCanceledException"/> when its token is cancelled. After these exceptions a change may or may not be in the store, never a part of a change.</para>
/// <para>A method with the id of a job throws <see cref="FormatException"/> when the text is not an id, and <see cref="JobNotFoundException"/> when no job has the id, or when that job has ended.</para>
/// </remarks>
public interface IScheduler
{
    /// <summary>Adds a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The job as stored.</returns>
    /// <exception cref="JobExistsException">A job with the id exists, and <see cref="NewJob.ReplaceExisting"/> is false.</exception>
    /// <exception cref="HandlerNotFoundException">The program has no handler of this name.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not fit the handler.</exception>
    /// <exception cref="FormatException">The id is not an id, the trigger yields no fire time from now on, the executor does not exist, or a next fire time is given without a trigger.</exception>
    /// <exception cref="JobChangedException"><see cref="NewJob.IfVersion"/> is given, and the job is at another version or does not exist.</exception>
    Task<JobInfo> AddAsync(NewJob job, CancellationToken cancellationToken = default);

    /// <summary>Changes a job, all or nothing.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="change">The parts to change.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The job after the change.</returns>
    /// <exception cref="HandlerNotFoundException">The program has no handler of this name.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not fit the handler.</exception>
    /// <exception cref="FormatException">The executor does not exist, a next fire time is given for a job without a trigger, or the stored definition cannot be read.</exception>
    /// <exception cref="JobChangedException">The job is at another version than <see cref="JobChange.IfVersion"/>.</exception>
    Task<JobInfo> ChangeAsync(string job, JobChange change, CancellationToken cancellationToken = default);

    /// <summary>Pauses a job: fire times become entries of the ledger until the job is resumed; runs on request still start.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="note">The author, the purpose and the end of the pause; null for a pause without these.</param>
    /// <param name="ifVersion">The <see cref="JobInfo.Version"/> that the job must be at; null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The paused job. A job that was paused before keeps the beginning of its pause.</returns>
    /// <exception cref="JobChangedException">The job is at another version.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PauseNote.Until"/> is not in the future.</exception>
    Task<JobInfo> PauseAsync(string job, PauseNote? note = null, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Resumes a job: the next fire time is the first from now on. A job without a further fire time ends.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="ifVersion">The <see cref="JobInfo.Version"/> that the job must be at; null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The resumed job; null when the job has ended by this.</returns>
    /// <exception cref="JobChangedException">The job is at another version.</exception>
    Task<JobInfo?> ResumeAsync(string job, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Removes a job. Its runs stay readable, and a later job with the id does not repeat a fire time that ran.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="ifVersion">The <see cref="JobInfo.Version"/> that the job must be at; null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="JobChangedException">The job is at another version.</exception>
    Task RemoveAsync(string job, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Asks for a run of a job. A paused job runs too.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="args">The arguments in place of the job's own; null for those.</param>
    /// <param name="after">The shortest time from now to the start, zero or more; not together with <paramref name="at"/>.</param>
    /// <param name="at">The earliest start; null for now.</param>
    /// <param name="key">Unique among the runs of the job that wait or run: a second request with the key is answered with the first run. Null for none.</param>
    /// <param name="cancellationToken">Cancels the request; a run that is in the store stays.</param>
    /// <exception cref="ArgumentException">Both <paramref name="after"/> and <paramref name="at"/> are given.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="after"/> is below zero.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not fit the handler. Where this process does not have the handler, the run fails instead.</exception>
    /// <exception cref="FormatException">The stored definition of the job cannot be read.</exception>
    Task<EnqueuedRun> RunAsync(
        string job, JobArguments? args = null, TimeSpan? after = null, DateTimeOffset? at = null, string? key = null,
            CancellationToken cancellationToken = default);

    /// <summary>Asks for several runs in one transaction: all or none.</summary>
    /// <param name="requests">The runs.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The runs in the order of the requests.</returns>
    /// <exception cref="JobNotFoundException">A job does not exist, or has ended.</exception>
    /// <exception cref="JobChangedException">A job is at another version than <see cref="RunRequest.IfVersion"/>.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not fit a handler of this process.</exception>
    /// <exception cref="FormatException">The stored definition of a job cannot be read.</exception>
    Task<IReadOnlyList<EnqueuedRun>> RunManyAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken = default);

    /// <summary>Returns all jobs that have not ended, by next fire time; jobs without a next fire time, such as paused ones, come last. Equal ones follow by id.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<IReadOnlyList<JobInfo>> JobsAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns one job.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<JobInfo> JobAsync(string job, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of runs, newest fire time first.</summary>
    /// <param name="query">The runs to read.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>An empty page when no run fits, also for a job that does not exist.</returns>
    Task<RunInfoPage> RunsAsync(RunQuery query, CancellationToken cancellationToken = default);

    /// <summary>Returns the state of the whole scheduler.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<SchedulerInfo> StateAsync(CancellationToken cancellationToken = default);

    /// <summary>Pauses the whole scheduler, in every process and across restarts.</summary>
    /// <param name="note">The author, the purpose and the end of the pause; null for a pause without these.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PauseNote.Until"/> is not in the future.</exception>
    Task PauseAllAsync(PauseNote? note = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of the whole scheduler, if there is one. The misfire grace of each job decides about its fire times during the pause.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task ResumeAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts a scheduler that was shut down.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>False when the scheduler was not shut down.</returns>
    Task<bool> StartAsync(CancellationToken cancellationToken = default);

    /// <summary>Shuts the scheduler down in every process, until the next <see cref="StartAsync"/>. Runs that have begun go on.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>False when the scheduler was shut down already.</returns>
    Task<bool> ShutdownAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns the processes of the store that answer within 500 ms.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<IReadOnlyList<NodeInfo>> NodesAsync(CancellationToken cancellationToken = default);
}

/// <summary>A run that was asked for.</summary>
public sealed class EnqueuedRun
{
    readonly Func<RunId, CancellationToken, Task<RunInfo>> wait;

    internal EnqueuedRun(RunId id, bool existing, Func<RunId, CancellationToken, Task<RunInfo>> wait)
    {
        Id = id;
        Existing = existing;
        this.wait = wait;
    }

    /// <summary>The id of the run.</summary>
    public RunId Id { get; }

    /// <summary>Whether an earlier request with the same key made the run.</summary>
    public bool Existing { get; }

    /// <summary>Waits until the run has an outcome. An outage of the store only prolongs the wait.</summary>
    /// <param name="cancellationToken">Stops the wait; the run goes on.</param>
    /// <returns>The run after its end.</returns>
    /// <exception cref="RunNotFoundException">The run was deleted with the old history.</exception>
    public Task<RunInfo> EndAsync(CancellationToken cancellationToken = default) => wait(Id, cancellationToken);
}
