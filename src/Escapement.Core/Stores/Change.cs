using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Changes of jobs and of the scheduler state, applied together.</summary>
public sealed class Change
{
    /// <summary>The changes of jobs, in order.</summary>
    public IReadOnlyList<JobEdit> Jobs { get; init; } = [];

    /// <summary>The change of the scheduler state, or null.</summary>
    public StateEdit? State { get; init; }

    /// <summary>Events observed by a node that explain late fire times.</summary>
    public IReadOnlyList<LedgerMark> Marks { get; init; } = [];
}

/// <summary>The result of a change.</summary>
public sealed class Changed
{
    /// <summary>The jobs after the change, in the order of <see cref="Change.Jobs"/>, with null for a job that does not
    /// exist.</summary>
    public required IReadOnlyList<StoredJob?> Jobs { get; init; }

    /// <summary>The scheduler state after the change.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>The notification of the change.</summary>
    public Notification Notification { get; init; }
}
