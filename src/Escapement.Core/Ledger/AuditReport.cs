using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The account of a job in an audit.</summary>
public sealed record JobAccount
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The account of the job.</summary>
    public required LedgerAccount Account { get; init; }

    /// <summary>The beginning of the complete record of the job if the beginning lies inside the span, or null.</summary>
    public required DateTimeOffset? CompleteSince { get; init; }
}

/// <summary>A cause for which fire times of one or more jobs did not run, for example a stretch without an active
/// process.</summary>
public sealed record LedgerCause
{
    /// <summary>The maximum number of <see cref="Jobs"/>.</summary>
    public const int MaxJobs = 10;

    /// <summary>The reason.</summary>
    public required Reason Reason { get; init; }

    /// <summary>Skipped or missed.</summary>
    public required ItemKind Kind { get; init; }

    /// <summary>The earliest fire time.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The latest fire time.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The number of fire times.</summary>
    public required long Count { get; init; }

    /// <summary>The number of jobs.</summary>
    public required int JobCount { get; init; }

    /// <summary>The first <see cref="MaxJobs"/> jobs by id.</summary>
    public required IReadOnlyList<JobId> Jobs { get; init; }

    /// <summary>The cause in the language of the query.</summary>
    public required string Sentence { get; init; }

    /// <summary>The remedy in the language of the query, or an empty text if nothing needs to be done.</summary>
    public required string Advice { get; init; }
}

/// <summary>The account of all jobs in a time span.</summary>
public sealed record AuditReport
{
    /// <summary>The maximum number of <see cref="Activations"/>, <see cref="Items"/>, <see cref="Causes"/> and
    /// <see cref="Imbalances"/>.</summary>
    public const int MaxRows = 1_000;

    /// <summary>The inclusive beginning of the span.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The exclusive end of the span.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The time of the snapshot, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The latest beginning of a complete record of a job inside the span, because the retention deleted older
    /// records or the job is younger. Null if no record begins inside the span.</summary>
    public required DateTimeOffset? CompleteSince { get; init; }

    /// <summary>The account of all jobs together.</summary>
    public required LedgerAccount Account { get; init; }

    /// <summary>The account of each job with a due fire time or an imbalance, by id.</summary>
    public required IReadOnlyList<JobAccount> Jobs { get; init; }

    /// <summary>The activations that touch the span, oldest first: the newest <see cref="MaxRows"/> activations.</summary>
    public required IReadOnlyList<NodeActivation> Activations { get; init; }

    /// <summary>The fire times that did not run, by first fire time and job: the newest <see cref="MaxRows"/>
    /// stretches.</summary>
    public required IReadOnlyList<LedgerItem> Items { get; init; }

    /// <summary>The causes for which fire times did not run, missed fire times first, by first fire time. A stretch without
    /// an active process is a single cause for all jobs.</summary>
    public required IReadOnlyList<LedgerCause> Causes { get; init; }

    /// <summary>The fire times for which the records do not add up, by fire time and job: the first <see cref="MaxRows"/>
    /// fire times. Empty for a balanced account.</summary>
    public required IReadOnlyList<Imbalance> Imbalances { get; init; }

    /// <summary>True if one of the lists was cut, or if more runs lie between the fire times without a run than were read, so
    /// that the ends of a stretch are not exact. <see cref="Account"/> counts all fire times.</summary>
    public required bool IsCut { get; init; }
}
