using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of the scheduler state.</summary>
public sealed record StateEdit
{
    /// <summary>Creates a change of the scheduler state.</summary>
    /// <param name="kind">The kind of the recorded action, or null for a change without a record.</param>
    /// <param name="edit">Returns the state after the change. Must be pure, because it may be called again.</param>
    public StateEdit(ActionKind? kind, Func<SchedulerState, DateTimeOffset, SchedulerState> edit) => (Kind, Edit) = (kind, edit);

    /// <summary>The kind of the recorded action, or null for a change without a record, such as a hash over
    /// declarations.</summary>
    internal ActionKind? Kind { get; }

    /// <summary>Returns the state after the change. Must be pure, because it may be called again.</summary>
    internal Func<SchedulerState, DateTimeOffset, SchedulerState> Edit { get; init; }

    /// <summary>The author, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }

    /// <summary>Where the change comes from, such as <c>process 4711 on web-1</c>, or null if unknown.</summary>
    public string? Origin { get; init; }

    /// <summary>Returns the edit with the author's details, unless the edit has details of its own.</summary>
    /// <param name="author">The author.</param>
    public StateEdit From(ChangeAuthor author)
    {
        ArgumentNullException.ThrowIfNull(author);
        return this with { By = By ?? author.By, Why = Why ?? author.Why, Origin = Origin ?? author.Origin };
    }
}
