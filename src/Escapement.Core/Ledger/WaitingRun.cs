using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The cause of a run.</summary>
public enum RunCause
{
    /// <summary>A fire time of the trigger.</summary>
    FireTime = 0,

    /// <summary>Enqueued by a user or by the program.</summary>
    Enqueued = 1,

    /// <summary>A backfill: a fire time that did not run was made up on request.</summary>
    Backfill = 2,
}

/// <summary>A run that is not yet claimed: enqueued, to be retried, delayed by jitter, or waiting for another run of
/// its job.</summary>
public sealed record WaitingRun
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The earliest start, in microseconds since 1970-01-01 UTC.</summary>
    public required long Due { get; init; }

    /// <summary>The number of the next attempt, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The run's own arguments, or null for the job's arguments.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>True if a caller waits for the end of the run, so that the end sends a notification.</summary>
    public bool Watched { get; init; }

    /// <summary>True if the run was enqueued with a key.</summary>
    public bool HasKey { get; init; }

    /// <summary>The cause of the run.</summary>
    public RunCause Cause { get; init; }
}
