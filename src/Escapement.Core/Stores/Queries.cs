using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>A query for jobs.</summary>
public sealed class JobQuery
{
    /// <summary>All living jobs.</summary>
    public static JobQuery All { get; } = new();

    /// <summary>Only this job, or null for all.</summary>
    public JobId? Id { get; init; }

    /// <summary>True to include ended jobs.</summary>
    public bool Ended { get; init; }

    /// <summary>Only jobs with this tag, or null for any.</summary>
    public string? Tag { get; init; }

    /// <summary>The cursor of the previous page, or null for the first page.</summary>
    public string? After { get; init; }

    /// <summary>The maximum number of jobs, from 1, or null for all.</summary>
    public int? Limit
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"The limit of a page of jobs is {value}; 1 or more is allowed, or none for all jobs.");
    }
}

/// <summary>A page of jobs.</summary>
public sealed class JobPage(IReadOnlyList<StoredJob> jobs, string? next = null)
{
    /// <summary>The jobs, ordered by next fire time and id. Jobs without a next fire time come last.</summary>
    public IReadOnlyList<StoredJob> Jobs { get; } = jobs;

    /// <summary>The cursor of the next page, or null for the last page.</summary>
    public string? Next { get; } = next;
}

/// <summary>A page of runs.</summary>
public sealed class RunPage(IReadOnlyList<Run> runs, RunId? next = null)
{
    /// <summary>The runs, newest fire time first.</summary>
    public IReadOnlyList<Run> Runs { get; } = runs;

    /// <summary>The run before the next page, or null for the last page.</summary>
    public RunId? Next { get; } = next;
}

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
