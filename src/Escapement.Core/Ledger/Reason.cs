namespace Escapement.Ledger;

/// <summary>The reason why a due fire time did not run, or why a process does not schedule. The values are stored and
/// never change.</summary>
/// <remarks>Sentences and advice: <see cref="ReasonText"/>. Values below 100 were requested, values from 101 on are
/// trouble.</remarks>
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

    /// <summary>The maximum number of the job's runs was running, and the overlap rule is to skip.</summary>
    MaxInstancesReached = 5,

    /// <summary>The fire time was merged into the run of a later fire time.</summary>
    Coalesced = 6,

    /// <summary>Somebody asked to skip the fire time.</summary>
    SkippedByHand = 8,

    /// <summary>The trigger's end date has passed.</summary>
    EndDatePassed = 9,

    /// <summary>The trigger has no further fire time.</summary>
    TriggerExhausted = 10,

    /// <summary>The job was removed.</summary>
    Removed = 11,

    /// <summary>The job was changed, and its next fire time moved past the fire time.</summary>
    Changed = 12,

    /// <summary>The trigger excludes the day, or the part of the day.</summary>
    ExcludedDate = 13,

    /// <summary>No process was active.</summary>
    NoActiveNode = 101,

    /// <summary>Another process holds the lock.</summary>
    Standby = 102,

    /// <summary>The process is stopping and only finishes its runs.</summary>
    Draining = 103,

    /// <summary>The host is not among the allowed hosts.</summary>
    HostNotAllowed = 104,

    /// <summary>The program is run by a tool at design time and never serves.</summary>
    DesignTime = 105,

    /// <summary>The program runs in a test host.</summary>
    TestHost = 106,

    /// <summary>Locks are unreliable on the file system of the lock.</summary>
    UnsafeFileSystem = 107,

    /// <summary>The fire time was found later than the job's misfire grace allows.</summary>
    MisfireGraceExceeded = 108,

    /// <summary>No active version of the program knew the handler.</summary>
    HandlerNotRegistered = 109,

    /// <summary>The store could not be read or written.</summary>
    StoreUnavailable = 110,

    /// <summary>The run waited for a slot of its executor until its misfire grace was over.</summary>
    ExecutorSaturated = 111,

    /// <summary>The wall clock jumped.</summary>
    ClockJump = 112,

    /// <summary>The job paused itself after failures in a row.</summary>
    CircuitOpen = 113,

    /// <summary>The process was fenced: its epoch ended during a pause of the process.</summary>
    Fenced = 114,

    /// <summary>The process ended, or reached its drain limit, during the run.</summary>
    Interrupted = 115,

    /// <summary>The store is local to this machine, but the settings require a store shared by several
    /// machines.</summary>
    ClusterRequired = 116,

    /// <summary>No active process has claimed the due fire time yet, although processes have been active for longer than a
    /// lease. Never stored.</summary>
    NotClaimed = 117,
}
