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

    /// <summary>The maximum number of ended runs in <see cref="LedgerPart.Runs"/> if <see cref="Then"/> is given.</summary>
    public const int MaxTroubled = 20_000;

    /// <summary>A reader that asks for the numbers of runs after the layers were read, or null. The part then contains the
    /// waiting runs of the span, the running runs of the jobs whatever their fire times, and the newest
    /// <see cref="MaxTroubled"/> ended runs of the span that did not succeed.</summary>
    /// <remarks>The store passes the layers, reads what the reader asks for, passes the part with the answer, and so on until
    /// the reader returns null, all in the same snapshot. If the store begins anew with another snapshot, it passes the
    /// layers again. The reader is pure, and may search triggers for seconds, so that a claim must not wait for the reader.</remarks>
    public Func<LedgerPart, RunReads?>? Then { get; init; }

    /// <summary>Only a page of <see cref="LedgerPart.Actions"/>, newest first, with no other layer. Null for all layers. All
    /// further conditions are then ignored.</summary>
    public ActionQuery? OnlyActions { get; init; }

    /// <summary>True for only the pauses that last, of all scopes, with no other layer. All further conditions are then
    /// ignored.</summary>
    public bool OnlyOpenPauses { get; init; }
}

/// <summary>The layers of the ledger for a time span, read in a single snapshot. Upper layers take precedence: runs,
/// then entries and actions in log order, then spans.</summary>
public sealed record LedgerPart
{
    /// <summary>The jobs, including ended jobs.</summary>
    public required IReadOnlyList<StoredJob> Jobs { get; init; }

    /// <summary>Runs with a fire time in the span, including waiting and running runs, oldest first. A fire time has a single
    /// run. For a query with <see cref="LedgerQuery.Then"/>, the running runs of other fire times are included.</summary>
    public required IReadOnlyList<Run> Runs { get; init; }

    /// <summary>Entries that touch the span, ordered by change counter and first fire time.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    /// <summary>Actions on the jobs and on the scheduler, by number.</summary>
    public required IReadOnlyList<JobAction> Actions { get; init; }

    /// <summary>Definitions that account for fire times of the span, by job and version.</summary>
    public required IReadOnlyList<DefinitionSpan> Definitions { get; init; }

    /// <summary>Pauses that touch the span.</summary>
    public required IReadOnlyList<ScopedPause> Pauses { get; init; }

    /// <summary>Epochs that touch the span, the last epoch that ended before the span, and the first epoch that began after
    /// the span, by number.</summary>
    public required IReadOnlyList<Epoch> Epochs { get; init; }

    /// <summary>Clock jumps and store outages that touch the span.</summary>
    public required IReadOnlyList<LedgerMark> Marks { get; init; }

    /// <summary>The scheduler state.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>The time of the snapshot, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The values of the rows of this part that no process writes.</summary>
    public IReadOnlyList<OddValue> OddValues { get; init; } = [];

    /// <summary>The numbers of ended runs in the order of <see cref="RunReads.Counts"/>, for the last request.</summary>
    public IReadOnlyList<RunCount> Counts { get; init; } = [];

    /// <summary>The ended runs of fire times in <see cref="RunReads.Rows"/>, for the last request. A store whose rows can be
    /// changed by hand adds counted runs whose claim contradicts their epoch.</summary>
    public IReadOnlyList<Run> Rows { get; init; } = [];

    /// <summary>Asks the reader of a query, and answers its requests until the reader is content.</summary>
    /// <param name="query">The query.</param>
    /// <param name="count">Counts the ended runs of spans.</param>
    /// <param name="rows">Reads the ended runs of the spans of <see cref="RunReads.Rows"/>.</param>
    public LedgerPart Answer(LedgerQuery query, Func<IReadOnlyList<RunSpan>, IReadOnlyList<RunCount>> count,
        Func<RunReads, IReadOnlyList<Run>> rows)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(count);
        ArgumentNullException.ThrowIfNull(rows);
        var part = this;
        while (query.Then?.Invoke(part) is { } reads) part = part with { Counts = count(reads.Counts), Rows = rows(reads) };
        return part;
    }
}
