namespace Escapement.Ledger;

/// <summary>Successive fire times of a job that did not run for the same cause, and that a backfill made up.</summary>
public sealed record MadeUpFireTimes
{
    /// <summary>The first fire time.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The last fire time.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The number of fire times that were made up, 1 or more.</summary>
    public required long Count { get; init; }

    /// <summary>The reason why the fire times did not run at first.</summary>
    public required Reason Reason { get; init; }

    /// <summary>The author of the backfill, or null if not given.</summary>
    public required string? By { get; init; }

    /// <summary>The time of the backfill, or null if the retention deleted the record of the backfill.</summary>
    public required DateTimeOffset? At { get; init; }

    /// <summary>The backfill and the cause, in the language of the query.</summary>
    public required string Sentence { get; init; }
}
