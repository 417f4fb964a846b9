namespace Escapement.Ledger;

/// <summary>How a run ended. The values are stored and never change.</summary>
public enum Outcome
{
    /// <summary>The handler returned.</summary>
    Succeeded = 1,

    /// <summary>The handler threw.</summary>
    Failed = 2,

    /// <summary>It was stopped because its time was over.</summary>
    TimedOut = 3,

    /// <summary>It was stopped because someone asked for it.</summary>
    Cancelled = 4,

    /// <summary>Its process ended, was fenced, or reached its drain limit; whether it finished is not known.</summary>
    Interrupted = 5,

    /// <summary>It never began.</summary>
    Missed = 6,
}
