namespace Escapement.Ledger;

/// <summary>Why a due fire time did not run, or why a process does not schedule. The values are stored and never change.</summary>
/// <remarks>Sentences and advice: <see cref="ReasonText"/>. Values below 100 were asked for; the others are trouble.</remarks>
public enum Reason
{
    /// <summary>The job was paused.</summary>
    Paused = 1,

    /// <summary>The whole scheduler was paused.</summary>
    SchedulerPaused = 2,

    /// <summary>The scheduler was shut down.</summary>
    ShutDown = 3,

    /// <summary>A setting switches the job or the scheduler off.</summary>
    SwitchedOff = 4,

    /// <summary>As many runs of the job as it allows were going on, and its overlap rule skips.</summary>
    MaxInstancesReached = 5,

    /// <summary>It became one with a later fire time's run.</summary>
    Coalesced = 6,

    /// <summary>The trigger's end date has passed.</summary>
    EndDatePassed = 9,

    /// <summary>The trigger yields no further fire time.</summary>
    TriggerExhausted = 10,

    /// <summary>The job was removed.</summary>
    Removed = 11,

    /// <summary>The trigger excludes the day, or the part of the day.</summary>
    ExcludedDate = 13,

    /// <summary>No process was active.</summary>
    NoActiveNode = 101,

    /// <summary>Another process holds the lock.</summary>
    Standby = 102,

    /// <summary>The process is stopping and only finishes its runs.</summary>
    Draining = 103,

    /// <summary>The host is not among those allowed.</summary>
    HostNotAllowed = 104,

    /// <summary>The program is run by a tool at design time and will never serve.</summary>
    DesignTime = 105,

    /// <summary>The program runs in a test host.</summary>
    TestHost = 106,

    /// <summary>A lock on this file system is not sure.</summary>
    UnsafeFileSystem = 107,

    /// <summary>It was found due later than the job's grace allows.</summary>
    MisfireGraceExceeded = 108,

    /// <summary>No version of the program that knows the handler was active.</summary>
    HandlerNotRegistered = 109,

    /// <summary>The store could not be read or written.</summary>
    StoreUnavailable = 110,

    /// <summary>It waited for a place in its executor until its grace was over.</summary>
    ExecutorSaturated = 111,

    /// <summary>The wall clock jumped.</summary>
    ClockJump = 112,

    /// <summary>The process was overtaken: its epoch ended while it was away.</summary>
    Fenced = 114,

    /// <summary>The process ended, or reached its drain limit, in the middle of the run.</summary>
    Interrupted = 115,

    /// <summary>The store is on this machine alone, and the settings require one that many machines share.</summary>
    ClusterRequired = 116,
}

/// <summary>What a reason says about its cause.</summary>
public static class ReasonKind
{
    /// <summary>Whether someone asked for the skip; the others are trouble.</summary>
    public static bool IsSkip(this Reason reason) => (int)reason < 100;
}
