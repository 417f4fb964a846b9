namespace Escapement.Ledger;

/// <summary>What holds for the whole scheduler, in every process of the store.</summary>
public sealed record SchedulerState
{
    /// <summary>The pause, if there is one: fire times are not claimed; runs that were asked for are.</summary>
    public PauseRecord? Paused { get; init; }

    /// <summary>Since when it is shut down, if it is: no node is active until it is started again.</summary>
    public DateTimeOffset? ShutDown { get; init; }

    /// <summary>The last pause that is over: the claim after it says by it why fire times are late.</summary>
    public PauseSpan? PausedBefore { get; init; }

    /// <summary>A hash over the declarations with which the jobs were last brought in line: a node with the same has nothing to compare when it becomes active.</summary>
    public string? Declared { get; init; }
}

/// <summary>A pause that is over.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
public sealed record PauseSpan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The number of the <see cref="JobAction"/> that set the pause; null where it is not known.</summary>
    public long? Action { get; init; }
}
