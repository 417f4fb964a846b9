using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Changes of jobs and of the scheduler state, applied together.</summary>
public sealed class Change
{
    /// <summary>The changes of jobs, in order.</summary>
    public IReadOnlyList<JobEdit> Jobs { get; init; } = [];

    /// <summary>The pauses and resumes of tags and executors, applied before <see cref="Jobs"/>. The store applies
    /// <see cref="ScopedPauseEdit.Of"/> to each job that the change concerns, as of the transaction, so that no job can come
    /// between.</summary>
    public IReadOnlyList<ScopedPauseEdit> Pauses { get; init; } = [];

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

    /// <summary>The number of jobs that were changed by <see cref="Change.Pauses"/>.</summary>
    public int JobsOfPauses { get; init; }

    /// <summary>The notification of the change.</summary>
    public Notification Notification { get; init; }
}
