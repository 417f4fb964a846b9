using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A fire time for which the records of the ledger do not add up.</summary>
public sealed record Imbalance
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The fire time.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The contradiction, in the language of the query.</summary>
    public required string Sentence { get; init; }
}
