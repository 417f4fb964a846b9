namespace Escapement;

/// <summary>The state of the whole scheduler, which is the same in every process of the store.</summary>
public sealed class SchedulerInfo
{
    /// <summary>True if a process takes due runs: at least a single epoch is alive, and the scheduler is not shut
    /// down.</summary>
    /// <remarks>A pause does not count: a paused scheduler still takes runs on request.</remarks>
    public required bool IsActive { get; init; }

    /// <summary>The pause of the whole scheduler, or null. During a pause, fire times wait, and runs on request
    /// start.</summary>
    public required PauseInfo? Paused { get; init; }

    /// <summary>The instant of the shutdown, or null. After a shutdown no process takes due runs before the next
    /// <see cref="IScheduler.StartAsync"/>.</summary>
    public required DateTimeOffset? ShutDownSince { get; init; }
}
