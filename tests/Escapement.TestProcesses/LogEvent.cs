namespace Escapement.TestProcesses;

/// <summary>The log events that tests wait for. Names and numbers match the methods of the product's log.</summary>
/// <remarks>Tests wait for the number, so a change to the wording does not affect the tests.</remarks>
public enum LogEvent
{
    /// <summary>A line that is no log event, such as an unhandled exception or a sentence of the launcher.</summary>
    None = 0,

    /// <summary>Logged by the test program itself once its server listens and all services have started.</summary>
    Serving = 1,

    /// <summary>The process is active, and no lost process preceded it.</summary>
    Active = 101,

    /// <summary>The process is a standby.</summary>
    Standby = 102,

    /// <summary>The process is active after a process that was lost.</summary>
    TakenOver = 104,

    /// <summary>The process has ended its epoch and drains.</summary>
    Leaving = 105,

    /// <summary>The process has lost its epoch.</summary>
    Fenced = 107,

    /// <summary>A remark on the options.</summary>
    Remark = 108,

    /// <summary>The store cannot be used by a standby.</summary>
    StoreDown = 109,

    /// <summary>The store can be used again.</summary>
    StoreUp = 110,

    /// <summary>The active process cannot claim.</summary>
    ClaimsStopped = 111,

    /// <summary>The active process claims again.</summary>
    ClaimsGoOn = 112,

    /// <summary>Outcomes wait to be recorded.</summary>
    RecordFailed = 113,

    /// <summary>A claimed run was not started because the epoch was lost.</summary>
    DroppedUnstarted = 116,

    /// <summary>The wall clock jumped.</summary>
    ClockJumped = 117,

    /// <summary>The lock file was replaced under the active process.</summary>
    LockFileReplaced = 118,

    /// <summary>Runs of lost processes were settled.</summary>
    Settled = 120,

    /// <summary>The process does not schedule, because its settings turn scheduling off.</summary>
    RefusedBySetting = 124,

    /// <summary>A standby has rehearsed a takeover.</summary>
    WarmedUp = 127,

    /// <summary>A handler ended after its run had been settled by another process.</summary>
    WentOnFenced = 129,

    /// <summary>Runs of a stopping process continue.</summary>
    StillRunning = 147,

    /// <summary>A stopping process stops its runs.</summary>
    StopsRuns = 148,

    /// <summary>Another PostgreSQL server has taken over the database.</summary>
    FailedOver = 508,
}
