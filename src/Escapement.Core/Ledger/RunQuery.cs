using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement;

/// <summary>A query for runs, newest fire time first. A run must meet all given conditions.</summary>
public sealed class RunQuery
{
    /// <summary>The maximum number of runs on a page.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Only runs of this job, or null for all jobs.</summary>
    public JobId? Job { get; init; }

    /// <summary>Only this run, or null for all runs. Waiting runs are returned only for a query by id.</summary>
    public RunId? Id { get; init; }

    /// <summary>Only these outcomes, or null for any.</summary>
    public IReadOnlySet<Outcome>? Outcomes { get; init; }

    /// <summary>Only these reasons, or null for any.</summary>
    public IReadOnlySet<Reason>? Reasons { get; init; }

    /// <summary>Only runs claimed by the node with this id, or null for any.</summary>
    public string? Node { get; init; }

    /// <summary>Only runs of jobs whose present definition has this tag, or null for any. Ended jobs are included.</summary>
    public string? Tag { get; init; }

    /// <summary>Only runs with these causes, or null for any.</summary>
    public IReadOnlySet<RunCause>? Causes { get; init; }

    /// <summary>Only runs after this run in page order, or null for the first page. The value is
    /// <c>Next</c> of the previous page.</summary>
    public RunId? Before { get; init; }

    /// <summary>Only fire times at or after this instant, or null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only fire times before this instant, or null for all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The maximum number of runs on the page: 1 to <see cref="MaxLimit"/>, by default 100.</summary>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= MaxLimit ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"The limit of a page of runs is {value}; 1 to {MaxLimit} are allowed.");
    } = 100;

    /// <summary>The maximum number of rows read for a page, by default 100,000. A page may therefore contain fewer runs
    /// than <see cref="Limit"/> and still have a next page.</summary>
    public int MaxRows
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"MaxRows is {value}; 1 or more is allowed.");
    } = 100_000;
}
