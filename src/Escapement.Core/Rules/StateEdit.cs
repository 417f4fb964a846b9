using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of the scheduler's state.</summary>
/// <param name="Kind">What is done, for the record; null for what nobody asks about, such as a hash over declarations.</param>
/// <param name="Edit">Returns the state after; pure, and may be asked again.</param>
public sealed record StateEdit(ActionKind? Kind, Func<SchedulerState, DateTimeOffset, SchedulerState> Edit)
{
    /// <summary>Who asks for it, if said.</summary>
    public string? By { get; init; }

    /// <summary>Why, if said.</summary>
    public string? Why { get; init; }
}
