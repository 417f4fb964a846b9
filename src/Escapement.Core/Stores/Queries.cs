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
public sealed class RunPage(IReadOnlyList<Run> runs, RunId? next = null, DateTimeOffset? lookedTo = null)
{
    /// <summary>The runs, newest fire time first.</summary>
    public IReadOnlyList<Run> Runs { get; } = runs;

    /// <summary>The run before the next page, or null for the last page.</summary>
    public RunId? Next { get; } = next;

    /// <summary>The fire time of the last run that was compared with the query. Null if the search reached the end, so that no
    /// older run matches.</summary>
    public DateTimeOffset? LookedTo { get; } = lookedTo;
}
