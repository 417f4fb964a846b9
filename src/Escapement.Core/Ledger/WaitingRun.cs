using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Where a run comes from.</summary>
public enum RunCause
{
    /// <summary>A fire time of the trigger.</summary>
    FireTime = 0,

    /// <summary>Enqueued by hand or by the program.</summary>
    Enqueued = 1,
}

/// <summary>A run that is not claimed yet: enqueued, to be tried again, delayed by jitter, or behind another run of its job.</summary>
public sealed record WaitingRun
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>From when on it may start, in microseconds since 1970-01-01 UTC.</summary>
    public required long Due { get; init; }

    /// <summary>The number of its next attempt; 1 or more.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>What the handler is called with in place of the job's own arguments; null for those.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>Whether somebody waits for its end, so that its end notifies.</summary>
    public bool Watched { get; init; }

    /// <summary>Whether a key names it.</summary>
    public bool HasKey { get; init; }

    /// <summary>Where it comes from.</summary>
    public RunCause Cause => Id.Number == 0 ? RunCause.FireTime : RunCause.Enqueued;
}
