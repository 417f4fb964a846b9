using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement;

/// <summary>The scheduler as used by a program. All processes of the store offer the same view.</summary>
/// <remarks>
/// <para>The results are snapshots from the store, with the same data as REST, independent of the answering
/// process.</para>
/// <para>Every method throws <see cref="StoreUnavailableException"/> if the store is unreachable or this process does not
/// see the jobs (for example before the start of the host, and in a test host without
/// <see cref="EscapementOptions.StartInTestHost"/>),
/// <see cref="StoreRefusedException"/> if this program must not use the store, and
/// <see cref="OperationCanceledException"/> if its token is cancelled. After these exceptions a change is stored
/// completely or not at all.</para>
/// <para>A method with the id of a job throws <see cref="FormatException"/> if the text is not an id, and
/// <see cref="JobNotFoundException"/> if the job does not exist or has ended.</para>
/// </remarks>
public interface IScheduler
{
    /// <summary>Adds a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The job as stored.</returns>
    /// <exception cref="JobExistsException">A job with the id exists, and <see cref="NewJob.ReplaceExisting"/> is
    /// false.</exception>
    /// <exception cref="HandlerNotFoundException">The program has no handler with this name.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not match the handler. A job without a trigger and
    /// without arguments is accepted: the arguments of each run are checked when the run is enqueued.</exception>
    /// <exception cref="FormatException">The id or the trigger is invalid, the trigger has no future fire time, the
    /// executor does not exist, or a next fire time is given without a trigger.</exception>
    /// <exception cref="JobChangedException"><see cref="NewJob.IfVersion"/> is given, and the job has another version
    /// or does not exist.</exception>
    Task<JobInfo> AddAsync(NewJob job, CancellationToken cancellationToken = default);

    /// <summary>Changes a job, all or nothing.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="change">The parts to change.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The job after the change.</returns>
    /// <exception cref="HandlerNotFoundException">The program has no handler with this name.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not match the handler.</exception>
    /// <exception cref="FormatException">The trigger is invalid or has no future fire time, the executor does not exist, a
    /// next fire time is given for a job without a trigger, or the stored definition is unreadable.</exception>
    /// <exception cref="JobChangedException">The job's version differs from
    /// <see cref="JobChange.IfVersion"/>.</exception>
    Task<JobInfo> ChangeAsync(string job, JobChange change, CancellationToken cancellationToken = default);

    /// <summary>Pauses a job. Until the job is resumed, fire times are skipped and recorded in the ledger. Runs on
    /// request still start.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="note">The author, the purpose and the end of the pause, or null for a pause without
    /// details.</param>
    /// <param name="ifVersion">The required <see cref="JobInfo.Version"/>, or null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The paused job. A second pause ends the pause that lasts and begins a new one, so that each fire time is told with
    /// the pause that held it; the same note and end again change nothing. A job whose last fire time passed in the pause before
    /// ends.</returns>
    /// <exception cref="JobChangedException">The job has another version.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PauseNote.Until"/> is not in the future.</exception>
    Task<JobInfo> PauseAsync(string job, PauseNote? note = null, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of a job. The next fire time is the first fire time from now on. A job without a further fire
    /// time ends, and a job whose tag or executor is paused stays paused.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="ifVersion">The required <see cref="JobInfo.Version"/>, or null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The job. <see cref="JobInfo.Ended"/> says if the job has ended, and <see cref="JobInfo.Paused"/> if its tag or
    /// executor still holds the job.</returns>
    /// <exception cref="JobPausedException">The job has no pause of its own, and its tag or executor is paused.</exception>
    /// <exception cref="JobChangedException">The job has another version.</exception>
    Task<JobInfo> ResumeAsync(string job, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Pauses all jobs with a tag, including jobs that get the tag later. Until the tag is resumed, fire times are
    /// skipped and recorded in the ledger. Runs on request still start.</summary>
    /// <param name="tag">The tag: 1 to 64 printable characters. No job needs to have the tag yet.</param>
    /// <param name="note">The author, the purpose and the end of the pause, or null for a pause without details. As for
    /// <see cref="PauseAsync"/>, another note or end begins a new pause.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The numbers of jobs of the scope, of changed jobs and of paused jobs. A job with a pause of its own keeps its
    /// pause.</returns>
    /// <exception cref="FormatException">The text is not a tag.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PauseNote.Until"/> is not in the future.</exception>
    Task<ScopedJobs> PauseTagAsync(string tag, PauseNote? note = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of a tag. The next fire time of each job is the first fire time from now on. A job stays
    /// paused if another tag or the executor of the job is paused. Has no effect without a pause.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The numbers of jobs of the scope, of changed jobs and of jobs that are still paused.</returns>
    /// <exception cref="FormatException">The text is not a tag.</exception>
    Task<ScopedJobs> ResumeTagAsync(string tag, CancellationToken cancellationToken = default);

    /// <summary>Pauses all jobs of an executor, including jobs that come to the executor later, as
    /// <see cref="PauseTagAsync"/> pauses the jobs of a tag.</summary>
    /// <param name="executor">The executor.</param>
    /// <param name="note">The author, the purpose and the end of the pause, or null for a pause without details.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The numbers of jobs of the scope, of changed jobs and of paused jobs. A job with a pause of its own keeps its
    /// pause.</returns>
    /// <exception cref="FormatException">The executor does not exist.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PauseNote.Until"/> is not in the future.</exception>
    Task<ScopedJobs> PauseExecutorAsync(string executor, PauseNote? note = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of an executor, as <see cref="ResumeTagAsync"/> ends the pause of a tag.</summary>
    /// <param name="executor">The executor, which may be missing from the settings.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The numbers of jobs of the scope, of changed jobs and of jobs that are still paused.</returns>
    Task<ScopedJobs> ResumeExecutorAsync(string executor, CancellationToken cancellationToken = default);

    /// <summary>Returns the pauses that last: of the whole scheduler, then of tags and executors, then of single jobs, each by
    /// name.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<IReadOnlyList<ListedPause>> PausesAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns the pauses that touch a span, in the order of <see cref="PausesAsync"/>: pauses that last, and pauses
    /// that have ended. The retention deletes old pauses.</summary>
    /// <param name="from">The inclusive beginning of the span.</param>
    /// <param name="to">The exclusive end of the span.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    Task<IReadOnlyList<ListedPause>> PauseHistoryAsync(
        DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default);

    /// <summary>Skips the next fire time of a job, and records the skip in the ledger. A job without a further fire time
    /// ends.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="author">The author and the purpose, or null for the author of <see cref="As"/>.</param>
    /// <param name="ifVersion">The required <see cref="JobInfo.Version"/>, or null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The job with its new next fire time. <see cref="JobInfo.Ended"/> says if the job has ended.</returns>
    /// <exception cref="JobPausedException">The job is paused, so it skips all fire times.</exception>
    /// <exception cref="FormatException">The job has no trigger, so it has no fire time to skip.</exception>
    /// <exception cref="JobChangedException">The job has another version.</exception>
    Task<JobInfo> SkipNextAsync(
        string job, ChangeAuthor? author = null, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Removes a job. Its runs stay readable, and a later job with the same id does not repeat a fire time
    /// that ran.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="ifVersion">The required <see cref="JobInfo.Version"/>, or null for any.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="JobChangedException">The job has another version.</exception>
    Task RemoveAsync(string job, long? ifVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Enqueues a run of a job, which may be paused: <c>RunAsync("order-mail", new { orderId, to }, key:
    /// $"order-{orderId}")</c>.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="args">The run's own arguments instead of the job's arguments, or null for the job's arguments: an
    /// object with the arguments as members, a dictionary, or <see cref="JobArguments"/>.</param>
    /// <param name="after">The delay from now to the earliest start, zero or more, or null. Must not be combined with
    /// <paramref name="at"/>.</param>
    /// <param name="at">The earliest start, or null for now.</param>
    /// <param name="key">A key of 1 to 255 printable characters that names a single run of the job, or null. While the
    /// key is taken, each further request with the key is answered by the first run. By default the key is free as soon
    /// as the run has ended; <see cref="JobBuilder.KeyLasts()"/> keeps the key taken for longer.</param>
    /// <param name="cancellationToken">Cancels the request. A stored run stays enqueued.</param>
    /// <exception cref="ArgumentException">Both <paramref name="after"/> and <paramref name="at"/> are
    /// given.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="after"/> is below zero.</exception>
    /// <exception cref="HandlerNotFoundException">The program has no handler of the job's handler name.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments do not match the handler.</exception>
    /// <exception cref="FormatException">The arguments cannot be written as a JSON object, the key is not valid, or the
    /// stored definition of the job is unreadable.</exception>
    Task<EnqueuedRun> RunAsync(
        string job, object? args = null, TimeSpan? after = null, DateTimeOffset? at = null, string? key = null,
        CancellationToken cancellationToken = default);

    /// <summary>Enqueues several runs in a single transaction, all or none.</summary>
    /// <param name="requests">The runs.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The runs in the order of the requests.</returns>
    /// <exception cref="JobNotFoundException">A job does not exist, or has ended.</exception>
    /// <exception cref="JobChangedException">A job's version differs from
    /// <see cref="RunRequest.IfVersion"/>.</exception>
    /// <exception cref="HandlerNotFoundException">The program has no handler of a job's handler name.</exception>
    /// <exception cref="ArgumentMismatchException">The arguments of a run do not match the handler.</exception>
    /// <exception cref="FormatException">The arguments of a run are not JSON, or the stored definition of a job is
    /// unreadable.</exception>
    Task<IReadOnlyList<EnqueuedRun>> RunManyAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken = default);

    /// <summary>Makes up for fire times of a job that did not run. Each fire time becomes a run under its own fire time, so that a
    /// fire time still runs at most once.</summary>
    /// <remarks>
    /// <para>The runs start in the order of their fire times, within <see cref="JobOptions.MaxInstances"/> and the limit of the
    /// executor, and also while the job is paused. The runs use the present definition of the job: its handler, arguments and
    /// options. The runs have no misfire grace.</para>
    /// <para>The program needs no handler of the job. The runs start where the handler is known.</para>
    /// </remarks>
    /// <param name="job">The id of the job. A job whose trigger is exhausted can be made up, and a removed job cannot.</param>
    /// <param name="from">The inclusive beginning of the fire times.</param>
    /// <param name="to">The exclusive end of the fire times. A later end than now means now.</param>
    /// <param name="reasons">Only fire times that did not run for these reasons. Null for every missed fire time, which
    /// means every reason that nobody asked for. A reason such as <see cref="Ledger.Reason.Paused"/> must be given.</param>
    /// <param name="dryRun">True to return the fire times and to change nothing.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The fire times with their runs, or empty if the ledger has no matching fire time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="ArgumentException"><paramref name="reasons"/> is empty.</exception>
    /// <exception cref="FormatException">The stored definition of the job is unreadable.</exception>
    /// <exception cref="SpanTooLongException">The fire times of a composed trigger cannot be counted within the limit.</exception>
    /// <exception cref="BackfillRefusedException">There are more than <see cref="BackfillResult.MaxRuns"/> fire times, the job has
    /// no trigger, the span begins in the future, or the history deleted the runs of the whole span. Nothing was
    /// changed.</exception>
    Task<BackfillResult> BackfillAsync(string job, DateTimeOffset from, DateTimeOffset to, Reason[]? reasons = null, bool dryRun = false,
        CancellationToken cancellationToken = default);

    /// <summary>Returns all living jobs, ordered by next fire time and id. Jobs without a next fire time, such as
    /// paused jobs, come last.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<IReadOnlyList<JobInfo>> JobsAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns a job.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<JobInfo> JobAsync(string job, CancellationToken cancellationToken = default);

    /// <summary>Returns a run, or null if the store has no run with the id, for example after the retention deleted the
    /// run.</summary>
    /// <param name="id">The text of <see cref="EnqueuedRun.Id"/> or <see cref="RunInfo.Id"/>.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="FormatException">The text is not the id of a run.</exception>
    Task<RunInfo?> FindRunAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of runs, newest fire time first.</summary>
    /// <param name="query">The runs to read.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The page. The page is empty if no run matches, or if the job does not exist.</returns>
    Task<RunInfoPage> RunsAsync(RunQuery query, CancellationToken cancellationToken = default);

    /// <summary>Returns why fire times of a job did not run: the account of a span, each stretch of fire times that did
    /// not run with its cause, and the activations of the span.</summary>
    /// <param name="job">The id of the job. A job that has ended still answers.</param>
    /// <param name="from">The inclusive beginning of the span, or null for 24 hours before the end.</param>
    /// <param name="to">The exclusive end of the span, or null for now. Fire times in the future are not due.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="SpanTooLongException">The fire times of a composed trigger cannot be counted within the limit. The
    /// message says how far the count came.</exception>
    /// <exception cref="JobNotFoundException">No job ever had the id, or the retention has deleted its records.</exception>
    Task<WhyReport> WhyAsync(string job, DateTimeOffset? from = null, DateTimeOffset? to = null, Language language = Language.English,
        CancellationToken cancellationToken = default);

    /// <summary>Adds up the expected fire times of all jobs in a span against the records of the ledger.</summary>
    /// <param name="from">The inclusive beginning of the span, or null for 24 hours before the end.</param>
    /// <param name="to">The exclusive end of the span, or null for now. Fire times in the future are not due.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="SpanTooLongException">The fire times of a composed trigger cannot be counted within the limit. The
    /// message says how far the count came.</exception>
    Task<AuditReport> AuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null, Language language = Language.English,
        CancellationToken cancellationToken = default);

    /// <summary>Returns the state of the whole scheduler.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<SchedulerInfo> StateAsync(CancellationToken cancellationToken = default);

    /// <summary>Pauses the whole scheduler, in every process and across restarts. As for <see cref="PauseAsync"/>, another note
    /// or end begins a new pause.</summary>
    /// <param name="note">The author, the purpose and the end of the pause, or null for a pause without
    /// details.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PauseNote.Until"/> is not in the future.</exception>
    Task PauseAllAsync(PauseNote? note = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of the whole scheduler. Has no effect without a pause. The misfire grace of each job
    /// decides about the fire times during the pause.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task ResumeAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts a scheduler that was shut down.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>False if the scheduler was not shut down.</returns>
    Task<bool> StartAsync(CancellationToken cancellationToken = default);

    /// <summary>Shuts the scheduler down in every process, until the next <see cref="StartAsync"/>. Running runs
    /// continue.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>False if the scheduler was already shut down.</returns>
    Task<bool> ShutdownAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the recorded changes of jobs and of the scheduler, newest first: the author, the origin,
    /// the old and the new state. The retention deletes old changes.</summary>
    /// <param name="query">The changes to read.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The page. The page is empty if no change matches, or if the job does not exist.</returns>
    Task<ActionPage> ActionsAsync(ActionQuery query, CancellationToken cancellationToken = default);

    /// <summary>Returns the same scheduler for changes by an author. Each change records the author, the purpose and the
    /// origin, and each requested run is recorded as a change.</summary>
    /// <param name="author">The author. The details of a <see cref="PauseNote"/> take precedence.</param>
    /// <remarks>Without an author, a change records this process as its origin, and a requested run is not recorded as a
    /// change.</remarks>
    IScheduler As(ChangeAuthor author);

    /// <summary>Returns the processes of the store that answer within 500 ms.</summary>
    /// <param name="cancellationToken">The cancellation token.</param>
    Task<IReadOnlyList<NodeInfo>> NodesAsync(CancellationToken cancellationToken = default);
}

/// <summary>An enqueued run.</summary>
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

    /// <summary>True if the run was enqueued by an earlier request with the same key.</summary>
    public bool Existing { get; }

    /// <summary>Waits until the run has an outcome. An outage of the store only prolongs the wait.</summary>
    /// <param name="cancellationToken">Cancels the wait. The run continues.</param>
    /// <returns>The run after its end.</returns>
    /// <exception cref="RunNotFoundException">The run was deleted by the retention.</exception>
    public Task<RunInfo> EndAsync(CancellationToken cancellationToken = default) => wait(Id, cancellationToken);
}
