using Escapement.Ledger;
using Microsoft.Extensions.Logging;

namespace Escapement;

/// <summary>All that the scheduler logs, each with its id. Information level tells the story of the day and no more.</summary>
static partial class Log
{
    [LoggerMessage(100, LogLevel.Information,
        "Scheduler of {Application} started as node {Node}: store {Store}, lock {LockFile}, once reaches as far as {Scope}.")]
    public static partial void Started(ILogger logger, string application, string node, string store, string lockFile, string scope);

    [LoggerMessage(101, LogLevel.Information, "Active with epoch {Epoch}.")]
    public static partial void Active(ILogger logger, long epoch);

    [LoggerMessage(102, LogLevel.Information, "Standby. {Sentence}")]
    public static partial void Standby(ILogger logger, string sentence);

    [LoggerMessage(103, LogLevel.Warning, "Not scheduling. {Sentence}")]
    public static partial void Refused(ILogger logger, string sentence);

    [LoggerMessage(104, LogLevel.Information,
        "Active with epoch {Epoch}, {Gap} after the last sign of life of process {Pid} on {Host}, which ended: {How}. {Settled} of its runs were settled as interrupted.")]
    public static partial void TakenOver(ILogger logger, long epoch, TimeSpan gap, int pid, string host, string how, int settled);

    [LoggerMessage(105, LogLevel.Information, "Leaving: epoch {Epoch} ended. {Running} runs may go on until {Until:O}.")]
    public static partial void Leaving(ILogger logger, long epoch, int running, DateTimeOffset until);

    [LoggerMessage(106, LogLevel.Information, "Stopped. {Stopped} runs had to be stopped and are recorded as interrupted.")]
    public static partial void Stopped(ILogger logger, int stopped);

    [LoggerMessage(107, LogLevel.Warning, "Fenced. {Sentence}")]
    public static partial void Fenced(ILogger logger, string sentence);

    [LoggerMessage(108, LogLevel.Warning, "{Remark}")]
    public static partial void Remark(ILogger logger, string remark);

    [LoggerMessage(109, LogLevel.Warning, "The store cannot be used: {Message} This process tries again; nothing runs in it until then.")]
    public static partial void StoreDown(ILogger logger, string message);

    [LoggerMessage(110, LogLevel.Information, "The store can be used again.")]
    public static partial void StoreUp(ILogger logger);

    [LoggerMessage(111, LogLevel.Warning, "Claims stopped: {Message} They go on as soon as the store is back.")]
    public static partial void ClaimsStopped(ILogger logger, string message);

    [LoggerMessage(138, LogLevel.Error,
        "A transaction of the active process failed: {Message} It is tried again, and jobs that come due meanwhile may start later.")]
    public static partial void ClaimsFail(ILogger logger, string message);

    [LoggerMessage(112, LogLevel.Information, "Claims go on.")]
    public static partial void ClaimsGoOn(ILogger logger);

    [LoggerMessage(113, LogLevel.Warning, "{Count} outcomes cannot be recorded yet: {Message} They are kept and tried again.")]
    public static partial void RecordFailed(ILogger logger, int count, string message);

    [LoggerMessage(114, LogLevel.Warning, "{Count} outcomes were refused: their runs had been settled by another process.")]
    public static partial void RecordsRefused(ILogger logger, int count);

    [LoggerMessage(115, LogLevel.Error, "Job {Job} failed for its fire time {FireTime:O}.")]
    public static partial void HandlerFailed(ILogger logger, string job, DateTimeOffset fireTime, Exception exception);

    [LoggerMessage(116, LogLevel.Warning, "Job {Job} was not started for its fire time {FireTime:O}: this process has lost its epoch.")]
    public static partial void DroppedUnstarted(ILogger logger, string job, DateTimeOffset fireTime);

    [LoggerMessage(117, LogLevel.Warning, "The wall clock jumped by {Jump}.")]
    public static partial void ClockJumped(ILogger logger, TimeSpan jump);

    [LoggerMessage(118, LogLevel.Warning,
        "The lock file was replaced under this active process. It stays active, and locks the new file as soon as it can.")]
    public static partial void LockFileReplaced(ILogger logger);

    [LoggerMessage(119, LogLevel.Information,
        "Jobs as declared: {Added} added, {Changed} changed, {Retired} retired, {Unchanged} unchanged.")]
    public static partial void Reconciled(ILogger logger, int added, int changed, int retired, int unchanged);

    [LoggerMessage(120, LogLevel.Information, "Settled {Count} runs of processes that are gone.")]
    public static partial void Settled(ILogger logger, int count);

    [LoggerMessage(140, LogLevel.Information,
        "Process {Pid} on {Host} is lost, {How}: epoch {Epoch} was ended, and {Settled} runs were settled as interrupted.")]
    public static partial void NodeLost(ILogger logger, int pid, string host, string how, long epoch, int settled);

    [LoggerMessage(121, LogLevel.Information, "The scheduler is shut down; no process is active until it is started again.")]
    public static partial void ShutDown(ILogger logger);

    [LoggerMessage(122, LogLevel.Information, "Paused at the start, as START_PAUSED says.")]
    public static partial void StartedPaused(ILogger logger);

    [LoggerMessage(123, LogLevel.Warning, "{Sentence}")]
    public static partial void Scope(ILogger logger, string sentence);

    [LoggerMessage(124, LogLevel.Information, "Not scheduling. {Sentence}")]
    public static partial void RefusedAsAsked(ILogger logger, string sentence);

    [LoggerMessage(125, LogLevel.Error,
        "The scheduler's loop failed: {Message} This process ends its epoch, so that another one can take over, and begins anew after a second.")]
    public static partial void LoopFailed(ILogger logger, string message, Exception exception);

    [LoggerMessage(126, LogLevel.Information,
        "Jobs are kept in the memory of the process that holds the lock: they end with it, and other processes cannot see them.")]
    public static partial void MemoryStore(ILogger logger);

    [LoggerMessage(127, LogLevel.Debug, "Rehearsed a takeover {Times} times.")]
    public static partial void WarmedUp(ILogger logger, int times);

    [LoggerMessage(129, LogLevel.Warning,
        "Job {Job} went on for its fire time {FireTime:O} although it was cancelled when this process lost its epoch. That it {Outcome} is not recorded: the run was settled as interrupted, and may have run again beside it.")]
    public static partial void WentOnFenced(ILogger logger, string job, DateTimeOffset fireTime, Outcome outcome);

    [LoggerMessage(128, LogLevel.Error,
        "The jobs could not be brought in line with the declared ones: {Message} They run as they stand in the store.")]
    public static partial void NotInLine(ILogger logger, string message, Exception exception);

    [LoggerMessage(130, LogLevel.Error,
        "A service of job {Job} failed at its disposal, after the handler had failed for its fire time {FireTime:O}.")]
    public static partial void DisposalFailed(ILogger logger, string job, DateTimeOffset fireTime, Exception exception);

    [LoggerMessage(131, LogLevel.Warning,
        "A log provider threw: {Message} Its log lacks {Count} lines of the scheduler's so far. The scheduler goes on.")]
    public static partial void ProviderThrew(ILogger logger, int count, string message);

    [LoggerMessage(132, LogLevel.Warning, "The store refused to record that run {Run} {Outcome}: {Message} The outcome is tried again.")]
    public static partial void RecordRefused(ILogger logger, Outcome outcome, string run, string message);

    [LoggerMessage(133, LogLevel.Error,
        "That run {Run} {Outcome} could not be recorded in {Tries} tries: {Message} The run is recorded as interrupted.")]
    public static partial void OutcomeGivenUp(ILogger logger, Outcome outcome, string run, int tries, string message);

    [LoggerMessage(134, LogLevel.Error,
        "Run {Run} could not be recorded as interrupted either: {Message} It counts as running until this process ends.")]
    public static partial void RunLeftRunning(ILogger logger, string run, string message);

    [LoggerMessage(136, LogLevel.Error,
        "Job {Job} is passed over: {Why} The other jobs go on. Once its row or its trigger is mended by a change of the job, or after a restart, it is looked at again.")]
    public static partial void SetAside(ILogger logger, string job, string why);

    [LoggerMessage(137, LogLevel.Warning,
        "The trigger of job {Job} took {Milliseconds} ms to say when the job fires: a part of it never fires, or many parts seldom do. Runs of the job start late by such searches; other jobs go on.")]
    public static partial void SlowTrigger(ILogger logger, string job, long milliseconds);

    [LoggerMessage(135, LogLevel.Warning,
        "Runs and entries that are older than the retention could not be deleted: {Message} They are deleted in an hour.")]
    public static partial void TrimFailed(ILogger logger, string message);
}
