using Escapement.Jobs;
using Escapement.Ledger;
using Microsoft.Extensions.Logging;

namespace Escapement;

/// <summary>The log events of the scheduler. Information level reports the main state changes only.</summary>
static partial class Log
{
    [LoggerMessage(100, LogLevel.Information,
        "Scheduler of {Application} started as node {Node}: store {Store}, lock {LockFile}, scope {Scope}.")]
    public static partial void Started(ILogger logger, string application, string node, string store, string lockFile, string scope);

    [LoggerMessage(146, LogLevel.Warning,
        "API_ENABLED is true, but the program does not map the API: {Path} answers 404. Call app.MapEscapement() before app.Run().")]
    public static partial void ApiNotMapped(ILogger logger, string path);

    [LoggerMessage(154, LogLevel.Error, "The scheduler could not start: {Message} This process runs no jobs. Restart the program.")]
    public static partial void NotStarted(ILogger logger, string message, Exception exception);

    [LoggerMessage(155, LogLevel.Warning,
        "Jobs that no running process declares: {Jobs}. These jobs no longer run, and their waiting runs are recorded as missed. To restore a job, declare the job again.")]
    public static partial void Retired(ILogger logger, string jobs);

    [LoggerMessage(101, LogLevel.Information, "Active with epoch {Epoch}.")]
    public static partial void Active(ILogger logger, long epoch);

    [LoggerMessage(102, LogLevel.Information, "Standby. {Sentence}")]
    public static partial void Standby(ILogger logger, string sentence);

    [LoggerMessage(103, LogLevel.Warning, "Not scheduling. {Sentence}")]
    public static partial void Refused(ILogger logger, string sentence);

    [LoggerMessage(104, LogLevel.Information,
        "Active with epoch {Epoch}, {Gap} after the last sign of life of process {Pid} on {Host}, which ended: {How}. {Settled} of its runs were settled as interrupted.")]
    public static partial void TakenOver(ILogger logger, long epoch, string gap, int pid, string host, string how, int settled);

    [LoggerMessage(105, LogLevel.Information, "Stepped down: epoch {Epoch} ended.")]
    public static partial void Leaving(ILogger logger, long epoch);

    [LoggerMessage(106, LogLevel.Information, "Stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(107, LogLevel.Warning, "Fenced. {Sentence}")]
    public static partial void Fenced(ILogger logger, string sentence);

    [LoggerMessage(108, LogLevel.Warning, "{Remark}")]
    public static partial void Remark(ILogger logger, string remark);

    [LoggerMessage(109, LogLevel.Warning, "The store is unavailable: {Message} This process retries, and runs no jobs until then.")]
    public static partial void StoreDown(ILogger logger, string message);

    [LoggerMessage(110, LogLevel.Information, "The store is available again.")]
    public static partial void StoreUp(ILogger logger);

    [LoggerMessage(111, LogLevel.Warning, "Claims stopped: {Message} Claims resume when the store is available again.")]
    public static partial void ClaimsStopped(ILogger logger, string message);

    [LoggerMessage(138, LogLevel.Error,
        "A transaction of the active process failed: {Message} The transaction is retried, and jobs due in the meantime may start late.")]
    public static partial void ClaimsFail(ILogger logger, string message);

    [LoggerMessage(112, LogLevel.Information, "Claims resumed.")]
    public static partial void ClaimsGoOn(ILogger logger);

    [LoggerMessage(113, LogLevel.Warning, "{Count} outcomes cannot be recorded yet: {Message} The outcomes are kept and retried.")]
    public static partial void RecordFailed(ILogger logger, int count, string message);

    [LoggerMessage(114, LogLevel.Warning, "{Count} outcomes were rejected: their runs had been settled by another process.")]
    public static partial void RecordsRefused(ILogger logger, int count);

    [LoggerMessage(115, LogLevel.Error, "Job {Job} failed in run {Run}, for its fire time {FireTime:O}.")]
    public static partial void HandlerFailed(ILogger logger, string job, RunId run, DateTimeOffset fireTime, Exception exception);

    [LoggerMessage(116, LogLevel.Warning, "Job {Job} was not started for its fire time {FireTime:O}: this process has lost its epoch.")]
    public static partial void DroppedUnstarted(ILogger logger, string job, DateTimeOffset fireTime);

    [LoggerMessage(117, LogLevel.Warning, "The wall clock jumped by {Jump}.")]
    public static partial void ClockJumped(ILogger logger, string jump);

    [LoggerMessage(118, LogLevel.Warning,
        "The lock file was replaced under this active process. The process stays active, and locks the new file as soon as possible.")]
    public static partial void LockFileReplaced(ILogger logger);

    [LoggerMessage(119, LogLevel.Information,
        "Declared jobs reconciled: {Added} added, {Changed} changed, {Retired} retired, {Unchanged} unchanged.")]
    public static partial void Reconciled(ILogger logger, int added, int changed, int retired, int unchanged);

    [LoggerMessage(152, LogLevel.Information, "The jobs of the settings have changed. The active process brings the stored jobs in line.")]
    public static partial void JobsReloaded(ILogger logger);

    [LoggerMessage(153, LogLevel.Warning, "The changed settings are rejected, and the jobs stay as they are: {Message}")]
    public static partial void ReloadRejected(ILogger logger, string message);

    [LoggerMessage(150, LogLevel.Warning,
        "Declared jobs that stay removed, because they were removed over REST or by the program: {Jobs}. To restore a job, change its declaration or add the job again.")]
    public static partial void StaysRemoved(ILogger logger, string jobs);

    [LoggerMessage(151, LogLevel.Information, "Declared jobs whose fire times are over: {Jobs}.")]
    public static partial void FireTimesOver(ILogger logger, string jobs);

    [LoggerMessage(120, LogLevel.Information, "Settled {Count} runs of ended processes.")]
    public static partial void Settled(ILogger logger, int count);

    [LoggerMessage(140, LogLevel.Information,
        "Process {Pid} on {Host} is lost, {How}: epoch {Epoch} was ended, and {Settled} runs were settled as interrupted.")]
    public static partial void NodeLost(ILogger logger, int pid, string host, string how, long epoch, int settled);

    [LoggerMessage(121, LogLevel.Information, "The scheduler is shut down. No process is active until the scheduler is started again.")]
    public static partial void ShutDown(ILogger logger);

    [LoggerMessage(122, LogLevel.Information, "Paused at startup because of START_PAUSED.")]
    public static partial void StartedPaused(ILogger logger);

    [LoggerMessage(141, LogLevel.Warning,
        "The application has not started after {Seconds} s. No job starts until then, unless START_EARLY is set.")]
    public static partial void WaitsForApplication(ILogger logger, long seconds);

    [LoggerMessage(142, LogLevel.Warning,
        "Job {Job} begins anew, with the next fire time {Next:O}: the clock was ahead when the job was declared, so its start lay in the future.")]
    public static partial void BegunAnew(ILogger logger, string job, DateTimeOffset next);

    [LoggerMessage(143, LogLevel.Warning,
        "Stored jobs without a handler in this program: {Jobs}. After their misfire grace, their fire times are recorded as missed. Register the handlers, or remove the jobs.")]
    public static partial void UnknownHandlers(ILogger logger, string jobs);

    [LoggerMessage(144, LogLevel.Information, "Missed: {Jobs}, {FireTimes}. {Sentence}")]
    public static partial void Missed(ILogger logger, string jobs, string fireTimes, string sentence);

    [LoggerMessage(145, LogLevel.Information, "Next: {Jobs}.")]
    public static partial void Next(ILogger logger, string jobs);

    [LoggerMessage(149, LogLevel.Debug, "Job {Job} ended for its fire time {FireTime:O}: {Outcome} after {Duration}.")]
    public static partial void RunEnded(ILogger logger, string job, DateTimeOffset fireTime, Outcome outcome, string duration);

    [LoggerMessage(147, LogLevel.Information,
        "Still running: {Jobs}. These runs may continue until {Until:O}. A second Ctrl+C (SIGINT) stops the runs at once.")]
    public static partial void StillRunning(ILogger logger, string jobs, DateTimeOffset until);

    [LoggerMessage(148, LogLevel.Warning, "Runs are stopped and recorded as interrupted: {Jobs}.")]
    public static partial void StopsRuns(ILogger logger, string jobs);

    [LoggerMessage(123, LogLevel.Warning, "{Sentence}")]
    public static partial void Scope(ILogger logger, string sentence);

    [LoggerMessage(124, LogLevel.Information, "Not scheduling. {Sentence}")]
    public static partial void RefusedBySetting(ILogger logger, string sentence);

    [LoggerMessage(125, LogLevel.Error,
        "The scheduler's loop failed: {Message} This process ends its epoch, so that another process can take over, and restarts its loop after 1 s.")]
    public static partial void LoopFailed(ILogger logger, string message, Exception exception);

    [LoggerMessage(126, LogLevel.Information,
        "Jobs are kept in the memory of the process that holds the lock. The jobs end with this process, and are not visible to other processes.")]
    public static partial void MemoryStore(ILogger logger);

    [LoggerMessage(127, LogLevel.Debug, "Warmed up with {Times} takeovers that were undone.")]
    public static partial void WarmedUp(ILogger logger, int times);

    [LoggerMessage(129, LogLevel.Warning,
        "Job {Job} continued for its fire time {FireTime:O}, although the run was cancelled when this process lost its epoch. Its outcome {Outcome} is not recorded. The run was settled as interrupted, and may have run again in parallel.")]
    public static partial void WentOnFenced(ILogger logger, string job, DateTimeOffset fireTime, Outcome outcome);

    [LoggerMessage(128, LogLevel.Error,
        "The declared jobs could not be reconciled: {Message} Jobs run as stored.")]
    public static partial void NotInLine(ILogger logger, string message, Exception exception);

    [LoggerMessage(130, LogLevel.Error,
        "A service of job {Job} failed on disposal, after the handler had failed for its fire time {FireTime:O}.")]
    public static partial void DisposalFailed(ILogger logger, string job, DateTimeOffset fireTime, Exception exception);

    [LoggerMessage(131, LogLevel.Warning,
        "A log provider threw an exception: {Message} Its log lacks {Count} lines of the scheduler so far. The scheduler continues.")]
    public static partial void ProviderThrew(ILogger logger, int count, string message);

    [LoggerMessage(132, LogLevel.Warning, "The store rejected the outcome {Outcome} of run {Run}: {Message} The record is retried.")]
    public static partial void RecordRefused(ILogger logger, Outcome outcome, string run, string message);

    [LoggerMessage(133, LogLevel.Error,
        "The outcome {Outcome} of run {Run} could not be recorded in {Tries} attempts: {Message} The run is recorded as interrupted.")]
    public static partial void OutcomeGivenUp(ILogger logger, Outcome outcome, string run, int tries, string message);

    [LoggerMessage(134, LogLevel.Error,
        "Run {Run} could not be recorded as interrupted either: {Message} The run counts as running until this process ends.")]
    public static partial void RunLeftRunning(ILogger logger, string run, string message);

    [LoggerMessage(136, LogLevel.Error,
        "Job {Job} is skipped: {Why} All other jobs continue. The job is checked again after a change of the job, or after a restart.")]
    public static partial void SetAside(ILogger logger, string job, string why);

    [LoggerMessage(137, LogLevel.Warning,
        "The trigger search of job {Job} took {Milliseconds} ms: a part of the trigger never fires, or many parts fire rarely. Such searches delay the runs of this job. All other jobs continue.")]
    public static partial void SlowTrigger(ILogger logger, string job, long milliseconds);

    [LoggerMessage(135, LogLevel.Warning,
        "Runs and entries older than the retention could not be deleted: {Message} The next attempt is in 1 h.")]
    public static partial void TrimFailed(ILogger logger, string message);

    [LoggerMessage(165, LogLevel.Warning,
        "Job {Job} paused itself: {Why}. Its fire times are missed until the job is resumed. Correct the cause of the failures, then resume the job.")]
    public static partial void PausedItself(ILogger logger, string job, string why);

    [LoggerMessage(166, LogLevel.Warning,
        "Job {Job} failed, and the store could not be read to see if the job paused itself: {Message} The pauses of the API show the pause.")]
    public static partial void SelfPauseNotRead(ILogger logger, string job, string message);
}
