using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement;

/// <summary>A query for recorded changes, newest first. A change must meet all given conditions.</summary>
public sealed class ActionQuery
{
    /// <summary>The maximum number of changes on a page.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Only changes of this job, or null for the changes of all jobs and of the scheduler. A pause of a tag or an
    /// executor is then a single change, without the changes of its jobs.</summary>
    public JobId? Job { get; init; }

    /// <summary>Only changes at or after this instant, or null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only changes before this instant, or null for all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only changes with a smaller <see cref="JobAction.Number"/>, or null for the first page. The value is
    /// <see cref="ActionPage.Next"/> of the previous page.</summary>
    public long? Before { get; init; }

    /// <summary>The maximum number of changes on the page: 1 to <see cref="MaxLimit"/>, by default 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= MaxLimit ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"The limit of a page of changes is {value}; 1 to {MaxLimit} are allowed.");
    } = 100;

    /// <summary>Returns true if a change meets all conditions.</summary>
    /// <param name="action">The change.</param>
    public bool Matches(JobAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return (Job is null ? action.Job is null || action.Scope is null : action.Job == Job)
            && !(action.Number >= Before) && !(action.At < Since) && !(action.At >= Until);
    }
}

/// <summary>A page of recorded changes.</summary>
public sealed class ActionPage
{
    /// <summary>The changes, newest first.</summary>
    public required IReadOnlyList<JobAction> Actions { get; init; }

    /// <summary>The value of <see cref="ActionQuery.Before"/> for the next page, or null for the last page.</summary>
    public required long? Next { get; init; }

    /// <summary>Returns a page.</summary>
    /// <param name="actions">The matching changes, newest first, one more than the limit if there is a next page.</param>
    /// <param name="limit">The maximum number of changes on the page.</param>
    internal static ActionPage Of(IReadOnlyList<JobAction> actions, int limit) => actions.Count <= limit
        ? new() { Actions = actions, Next = null }
        : new() { Actions = [.. actions.Take(limit)], Next = actions[limit - 1].Number };
}
