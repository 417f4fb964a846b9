using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement;

/// <summary>Says which runs to read, newest fire time first. Every condition that is given must hold.</summary>
public sealed record RunQuery
{
    /// <summary>The most runs that one page can hold.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Only runs of this job; null for all.</summary>
    public JobId? Job { get; init; }

    /// <summary>Only this run; null for all. Waiting runs are read only so.</summary>
    public RunId? Id { get; init; }

    /// <summary>Only these outcomes; null for any.</summary>
    public IReadOnlySet<Outcome>? Outcomes { get; init; }

    /// <summary>Only these reasons; null for any.</summary>
    public IReadOnlySet<Reason>? Reasons { get; init; }

    /// <summary>Only runs that the process with this id claimed; null for any.</summary>
    public string? Node { get; init; }

    /// <summary>Only runs after this run in the order of the pages: the last run of the page before, as the page tells; null for the first page.</summary>
    public RunId? Before { get; init; }

    /// <summary>Only fire times at or after this instant; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only fire times before this instant; null for all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The most runs on the page: 1 to <see cref="MaxLimit"/>; 100 by default.</summary>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= MaxLimit ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"The limit of a page of runs is {value}; 1 to {MaxLimit} are allowed.");
    } = 100;

    /// <summary>The most rows that one search reads: 1 or more; 100,000 by default. A page may hold fewer runs than <see cref="Limit"/> for that, and still have a next page.</summary>
    public int MaxRows
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"A search of runs looks at {value} rows at most; 1 or more is allowed.");
    } = 100_000;
}
