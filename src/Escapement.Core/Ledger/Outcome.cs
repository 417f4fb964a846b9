namespace Escapement.Ledger;

/// <summary>How a run ended. The values are stored and never change.</summary>
public enum Outcome
{
    /// <summary>The handler returned.</summary>
    Succeeded = 1,

    /// <summary>The handler threw.</summary>
    Failed = 2,

    /// <summary>The run was stopped at its time limit.</summary>
    TimedOut = 3,

    /// <summary>The run was cancelled by a user.</summary>
    Cancelled = 4,

    /// <summary>The process ended, was fenced, or reached its drain limit. Whether the run finished is
    /// unknown.</summary>
    Interrupted = 5,

    /// <summary>The run never started.</summary>
    Missed = 6,
}
