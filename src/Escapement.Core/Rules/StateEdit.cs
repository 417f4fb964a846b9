using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of the scheduler state.</summary>
public sealed class StateEdit(ActionKind? kind, Func<SchedulerState, DateTimeOffset, SchedulerState> edit)
{
    /// <summary>The kind of the recorded action, or null for a change without a record, such as a hash over
    /// declarations.</summary>
    internal ActionKind? Kind { get; } = kind;

    /// <summary>Returns the state after the change. Must be pure, because it may be called again.</summary>
    internal Func<SchedulerState, DateTimeOffset, SchedulerState> Edit { get; } = edit;

    /// <summary>The author, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }
}
