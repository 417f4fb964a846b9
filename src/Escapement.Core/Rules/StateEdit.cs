using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of the scheduler state.</summary>
/// <param name="Kind">The kind of the recorded action, or null for a change without a record, such as a hash over
/// declarations.</param>
/// <param name="Edit">Returns the state after the change. Must be pure, because it may be called again.</param>
public sealed record StateEdit(ActionKind? Kind, Func<SchedulerState, DateTimeOffset, SchedulerState> Edit)
{
    /// <summary>The author, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }
}
