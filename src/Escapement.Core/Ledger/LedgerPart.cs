using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A query for a part of the ledger.</summary>
public sealed class LedgerQuery
{
    /// <summary>Only this job, or null for all.</summary>
    public JobId? Job { get; init; }

    /// <summary>The inclusive start of the fire times.</summary>
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    /// <summary>The exclusive end of the fire times.</summary>
    public DateTimeOffset To { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>True to include runs, the largest layer.</summary>
    public bool Runs { get; init; } = true;
}

/// <summary>The layers of the ledger for a time span, read in a single snapshot. Upper layers take precedence: runs,
/// then entries and actions in log order, then spans.</summary>
public sealed class LedgerPart
{
    /// <summary>The jobs, including ended jobs.</summary>
    public required IReadOnlyList<StoredJob> Jobs { get; init; }

    /// <summary>Runs with a fire time in the span, including waiting and running runs, oldest first.</summary>
    public required IReadOnlyList<Run> Runs { get; init; }

    /// <summary>Entries that touch the span, ordered by change counter and first fire time.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    /// <summary>Actions on the jobs and on the scheduler, by number.</summary>
    public required IReadOnlyList<JobAction> Actions { get; init; }

    /// <summary>Definitions that account for fire times of the span, by job and version.</summary>
    public required IReadOnlyList<DefinitionSpan> Definitions { get; init; }

    /// <summary>Pauses that touch the span.</summary>
    public required IReadOnlyList<ScopedPause> Pauses { get; init; }

    /// <summary>Epochs that touch the span, by number.</summary>
    public required IReadOnlyList<Epoch> Epochs { get; init; }

    /// <summary>Clock jumps and store outages that touch the span.</summary>
    public required IReadOnlyList<LedgerMark> Marks { get; init; }

    /// <summary>The scheduler state.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>The time of the snapshot, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }
}
