using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>Which jobs to read.</summary>
public sealed record JobQuery
{
    /// <summary>All jobs that have not ended.</summary>
    public static JobQuery All { get; } = new();

    /// <summary>Only this one; null for all.</summary>
    public JobId? Id { get; init; }

    /// <summary>Whether jobs that have ended are read too.</summary>
    public bool Ended { get; init; }

    /// <summary>Only jobs with this tag; null for any.</summary>
    public string? Tag { get; init; }

    /// <summary>The cursor of the page before; null for the first page.</summary>
    public string? After { get; init; }

    /// <summary>The most jobs, 1 or more; null for all.</summary>
    public int? Limit
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"The limit of a page of jobs is {value}; 1 or more is allowed, or none for all jobs.");
    }
}

/// <summary>Jobs, and how to go on.</summary>
/// <param name="Jobs">By next fire time, those without one last, then by id.</param>
/// <param name="Next">The cursor of the next page; null where this is the last one.</param>
public sealed record JobPage(IReadOnlyList<StoredJob> Jobs, string? Next = null);

/// <summary>Runs, and how far the search went.</summary>
/// <param name="Runs">Newest fire time first.</param>
/// <param name="Next">The run after which the next page begins; null where nothing older remains.</param>
public sealed record RunPage(IReadOnlyList<Run> Runs, RunId? Next = null);

/// <summary>Which part of the ledger to read.</summary>
public sealed record LedgerQuery
{
    /// <summary>Of one job only; null for all.</summary>
    public JobId? Job { get; init; }

    /// <summary>From this fire time on.</summary>
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    /// <summary>To this fire time, not included.</summary>
    public DateTimeOffset To { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Whether runs are read; the most numerous layer.</summary>
    public bool Runs { get; init; } = true;
}

/// <summary>The layers of the ledger of a span, read in one snapshot. A row of an upper layer wins: runs, then entries and actions read as a log, then spans.</summary>
public sealed record LedgerPart
{
    /// <summary>The jobs, ended ones too.</summary>
    public required IReadOnlyList<StoredJob> Jobs { get; init; }

    /// <summary>Runs with a fire time in the span, waiting and running ones too; oldest first.</summary>
    public required IReadOnlyList<Run> Runs { get; init; }

    /// <summary>Entries that touch the span, by their change counter and then by their first fire time.</summary>
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

    /// <summary>The state of the scheduler.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>When the snapshot was taken, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }
}
