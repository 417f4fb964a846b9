namespace Escapement.Ledger;

/// <summary>An activation of a node as a reader of the ledger sees the activation.</summary>
public sealed record NodeActivation
{
    /// <summary>The number of the epoch.</summary>
    public required long Epoch { get; init; }

    /// <summary>The activated node.</summary>
    public required NodeName Node { get; init; }

    /// <summary>The beginning.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>The end: reported by the node itself, or the last sign of life. Null while the node is active.</summary>
    public required DateTimeOffset? Ended { get; init; }

    /// <summary>How the activation ended, or null while the node is active.</summary>
    public required EpochEnd? How { get; init; }

    /// <summary>The id of the node that ended the activation, or null if the node ended its own activation.</summary>
    public required string? EndedBy { get; init; }

    /// <summary>The time without an active node before the beginning: zero without a gap, null if an earlier activation is not
    /// known.</summary>
    public required TimeSpan? Gap { get; init; }

    /// <summary>The beginning and the end in a sentence, in the language of the query.</summary>
    public required string Sentence { get; init; }
}
