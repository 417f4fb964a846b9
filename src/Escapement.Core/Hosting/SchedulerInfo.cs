namespace Escapement;

/// <summary>The state of the whole scheduler, which is the same in every process of the store.</summary>
public sealed record SchedulerInfo
{
    /// <summary>Whether a process takes due runs: the epoch of at least one process goes on, and the scheduler is not shut down.</summary>
    /// <remarks>A pause does not count: a paused scheduler still takes runs on request.</remarks>
    public required bool IsActive { get; init; }

    /// <summary>The pause of the whole scheduler; null when there is none. Fire times wait for its end, and runs on request start.</summary>
    public required PauseInfo? Paused { get; init; }

    /// <summary>Since when the scheduler is shut down; null when it is not. No process takes due runs before the next <see cref="IScheduler.StartAsync"/>.</summary>
    public required DateTimeOffset? ShutDownSince { get; init; }
}
