using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Changes of jobs and of the scheduler's state that are made as one.</summary>
public sealed record Change
{
    /// <summary>The changes of jobs, in order.</summary>
    public IReadOnlyList<JobEdit> Jobs { get; init; } = [];

    /// <summary>The change of the scheduler's state; null for none.</summary>
    public StateEdit? State { get; init; }

    /// <summary>What a node met that explains why fire times were late.</summary>
    public IReadOnlyList<LedgerMark> Marks { get; init; } = [];
}

/// <summary>The answer to a change.</summary>
public sealed record Changed
{
    /// <summary>The jobs as they stand, in the order of <see cref="Change.Jobs"/>; null where there is none.</summary>
    public required IReadOnlyList<StoredJob?> Jobs { get; init; }

    /// <summary>The state of the scheduler as it stands.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>What the change notifies.</summary>
    public Notification Notification { get; init; }
}
