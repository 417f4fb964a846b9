using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The answer to "why did this job not run?": each fire time of a time span that did not run, with its
/// cause.</summary>
public sealed record WhyReport
{
    /// <summary>The maximum number of items of each list: <see cref="Activations"/>, <see cref="Changes"/>, <see cref="Items"/>,
    /// <see cref="MadeUp"/>, <see cref="Unsuccessful"/> and <see cref="Imbalances"/>.</summary>
    public const int MaxRows = 1_000;

    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The inclusive beginning of the span.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The exclusive end of the span.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The time of the snapshot, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The beginning of the complete record of the job if the beginning lies inside the span, or null. Before this
    /// instant the retention deleted records, or the job did not exist.</summary>
    public required DateTimeOffset? CompleteSince { get; init; }

    /// <summary>A sentence that says that the job has ended and why, in the language of the query. Null for a living job.</summary>
    public string? Ended { get; init; }

    /// <summary>The account of the span.</summary>
    public required LedgerAccount Account { get; init; }

    /// <summary>The activations that touch the span, oldest first: the newest <see cref="MaxRows"/> activations.</summary>
    public required IReadOnlyList<NodeActivation> Activations { get; init; }

    /// <summary>The changes of the definition in the span, and the addition and the removal of the job, oldest first: the newest
    /// <see cref="MaxRows"/> changes.</summary>
    public required IReadOnlyList<LedgerChange> Changes { get; init; }

    /// <summary>The fire times that did not run, oldest first: the newest <see cref="MaxRows"/> stretches.</summary>
    public required IReadOnlyList<LedgerItem> Items { get; init; }

    /// <summary>The fire times that a backfill made up, with the cause for which they did not run at first, oldest first: the
    /// newest <see cref="MaxRows"/> stretches.</summary>
    public required IReadOnlyList<MadeUpFireTimes> MadeUp { get; init; }

    /// <summary>The runs of fire times that did not succeed, oldest first: the newest <see cref="MaxRows"/> runs.</summary>
    public required IReadOnlyList<RunInfo> Unsuccessful { get; init; }

    /// <summary>The fire times for which the records do not add up, oldest first: the first <see cref="MaxRows"/> fire times.
    /// Empty for a balanced account.</summary>
    public required IReadOnlyList<Imbalance> Imbalances { get; init; }

    /// <summary>True if one of the lists is longer than <see cref="MaxRows"/> and was cut, or if more runs lie between the fire
    /// times without a run than were read, so that the ends of a stretch are not exact. <see cref="Account"/> counts all fire
    /// times.</summary>
    public required bool IsCut { get; init; }
}
