using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The fate of fire times that did not run.</summary>
public enum ItemKind
{
    /// <summary>Somebody or a rule asked for the skip.</summary>
    Skipped,

    /// <summary>Nobody asked for the skip.</summary>
    Missed,
}

/// <summary>Successive fire times of a job that did not run for the same cause.</summary>
public sealed record LedgerItem
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The first fire time that did not run.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The last fire time that did not run.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The number of fire times that did not run, 1 or more. Fire times between <see cref="First"/> and
    /// <see cref="Last"/> that ran are not counted.</summary>
    public required long Count { get; init; }

    /// <summary>The reason.</summary>
    public required Reason Reason { get; init; }

    /// <summary>Skipped or missed.</summary>
    public required ItemKind Kind { get; init; }

    /// <summary>False if no claim has decided the fire times yet, so that the fire times may still run.</summary>
    public required bool IsDecided { get; init; }

    /// <summary>The cause with its processes, persons and instants, in the language of the query.</summary>
    public required string Sentence { get; init; }

    /// <summary>The remedy in the language of the query, or an empty text if nothing needs to be done.</summary>
    public required string Advice { get; init; }
}
