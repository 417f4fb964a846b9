using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A stretch of fire times that a claim decided and did not run.</summary>
/// <remarks>
/// The ledger is layered: a run with the key of a fire time wins over an entry, and an entry over the spans that are recorded anyway. So an entry may cover
/// fire times that have a run, nothing below it is cut, and it holds no count: readers count.
/// </remarks>
public sealed record Entry
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The first fire time of the stretch.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The last fire time of the stretch; not before <see cref="First"/>.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>Why the fire times did not run.</summary>
    public required Reason Reason { get; init; }

    /// <summary>The number of the <see cref="JobAction"/> that caused the skip; null where nobody asked for it.</summary>
    public long? Cause { get; init; }

    /// <summary>The job's change counter at which the entry was written: entries and actions of a job are read as a log in this order.</summary>
    public long Change { get; init; }
}
