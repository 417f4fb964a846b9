using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A stretch of fire times that a claim decided not to run.</summary>
/// <remarks>
/// The ledger is layered: a run takes precedence over an entry with the same fire time, and an entry over the recorded
/// spans (pauses, epochs and so on). An entry may therefore cover fire times that have a run, and is never split. An entry
/// stores no count, because readers count the fire times.
/// </remarks>
public sealed record Entry
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The first fire time of the stretch.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The last fire time of the stretch, not before <see cref="First"/>.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The reason why the fire times did not run.</summary>
    public required Reason Reason { get; init; }

    /// <summary>The number of the <see cref="JobAction"/> that caused the skip, or null if no action did.</summary>
    public long? Cause { get; init; }

    /// <summary>The job's change counter when the entry was written. The counter orders the entries and actions of a
    /// job.</summary>
    public long Change { get; init; }
}
