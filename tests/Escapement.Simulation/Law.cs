namespace Escapement.Simulation;

/// <summary>The laws of every simulation. A failure names the broken law.</summary>
enum Law
{
    /// <summary>Every node that is asked to end has ended within its drain time and a lease.</summary>
    NodesEnd,

    /// <summary>The nodes come to rest at each instant.</summary>
    NodesRest,

    /// <summary>The work of a node runs on the scheduler of that node.</summary>
    WorkStaysOnItsNode,

    /// <summary>The engine of a node throws nothing.</summary>
    EngineHolds,

    /// <summary>A node is active soon after the first node becomes able to be active.</summary>
    ActiveAtAll,

    /// <summary>A node is active soon after the lease of a silent node is over.</summary>
    ActiveAfterLease,

    /// <summary>A node is active soon after the process of the active node is gone.</summary>
    ActiveAfterGoneProcess,

    /// <summary>A node is active soon after an epoch has ended.</summary>
    ActiveAfterEnd,

    /// <summary>An active node gives signs of life.</summary>
    ActiveNodesHeartbeat,

    /// <summary>The numbers of epochs and the fencing tokens of claims grow.</summary>
    NumbersGrow,

    /// <summary>An epoch has ended when the next epoch begins.</summary>
    OneEpochAtATime,

    /// <summary>The end of an epoch that another node ends is not after the last sign of life.</summary>
    EndedAtLastSign,

    /// <summary>A node leaves only an epoch of its own that goes on.</summary>
    OnlyOwnEpochIsLeft,

    /// <summary>A process that lives is not taken for gone.</summary>
    OnlyGoneProcessesAreGone,

    /// <summary>A node is replaced only after the wait that the protocol asks for.</summary>
    LeaseIsWaitedFor,

    /// <summary>Where every node is active, no healthy node is settled.</summary>
    HealthyNodesAreKept,

    /// <summary>A node whose own epoch has ended ends no other node.</summary>
    OnlyLivingNodesSettle,

    /// <summary>A claim is accepted only under an epoch that goes on.</summary>
    ClaimUnderLivingEpoch,

    /// <summary>A heartbeat is accepted only under an epoch that goes on.</summary>
    HeartbeatUnderLivingEpoch,

    /// <summary>A sign of life changes only an epoch that goes on.</summary>
    SignUnderLivingEpoch,

    /// <summary>An attempt is claimed once.</summary>
    ClaimedOnce,

    /// <summary>A run is claimed only while no attempt of it is open.</summary>
    ClaimedOnlyWhenClosed,

    /// <summary>No fire time is decided after a pause was answered.</summary>
    NoClaimAfterPause,

    /// <summary>A fire time counts as punctual only within its grace.</summary>
    PunctualWithinGrace,

    /// <summary>A plan is written within a second.</summary>
    PlanIsFresh,

    /// <summary>No more runs of a job than its max instances are open.</summary>
    MaxInstances,

    /// <summary>No fire time is skipped because of runs of lost nodes.</summary>
    NoSkipForLostRuns,

    /// <summary>No fire time is skipped for max instances while a place is free.</summary>
    NoSkipWithFreePlace,

    /// <summary>The number of running runs in a job's row is the number of open runs.</summary>
    CountsAreTrue,

    /// <summary>The handler of an attempt is started once.</summary>
    StartedOnce,

    /// <summary>No handler is started for a run that was settled.</summary>
    NoStartAfterSettlement,

    /// <summary>No handler is called beyond the grace of its fire time.</summary>
    StartWithinGrace,

    /// <summary>No run whose handler has begun is put back.</summary>
    NothingBegunIsPutBack,

    /// <summary>No outcome is recorded for a run that was settled before.</summary>
    RecordedOnce,

    /// <summary>The store accepts a node's outcome for its own run.</summary>
    OwnOutcomeAccepted,

    /// <summary>No run is settled under a node that lives and was never away.</summary>
    NoSettlementUnderItsOwner,

    /// <summary>The runs of a process that is gone are settled soon.</summary>
    LostRunsAreSettled,

    /// <summary>Every run is settled in the end.</summary>
    RunsAreSettled,

    /// <summary>Every waiting run is claimed in the end.</summary>
    WaitingRunsAreClaimed,

    /// <summary>A job has ended only if its trigger does not go on.</summary>
    EndedJobsAreOver,

    /// <summary>The ledger covers every due fire time.</summary>
    AccountBalances,

    /// <summary>A fire time has one run or is in one entry.</summary>
    DecidedOnce,

    /// <summary>The ledger contains only what was seen to happen.</summary>
    LedgerIsTrue,

    /// <summary>The reason of an entry was true at its fire times.</summary>
    ReasonsAreTrue,
}

/// <summary>The breach of a law.</summary>
/// <param name="Law">The broken law.</param>
/// <param name="Text">The event, described for the reader. No test reads the text.</param>
sealed record Failure(Law Law, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
