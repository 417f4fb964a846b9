using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A fire time for which the records of the ledger do not add up.</summary>
public sealed record Imbalance
{
    /// <summary>The job, or null for a contradiction in the record of an activation.</summary>
    public required JobId? Job { get; init; }

    /// <summary>The fire time, or the end of the activation.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The contradiction, in the language of the query.</summary>
    public required string Sentence { get; init; }
}
