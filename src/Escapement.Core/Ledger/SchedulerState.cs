namespace Escapement.Ledger;

/// <summary>The state of the whole scheduler, shared by all processes of the store.</summary>
public sealed record SchedulerState
{
    /// <summary>The pause of the scheduler, or null. During a pause, fire times are not claimed, but enqueued runs
    /// are.</summary>
    public PauseRecord? Paused { get; init; }

    /// <summary>The beginning of the pauses that followed one another up to now, or null without a pause.</summary>
    internal DateTimeOffset? PausedSince => PausedBefore is { } before && before.To == Paused?.At ? before.From : Paused?.At;

    /// <summary>The instant of the shutdown, or null. After a shutdown no node is active until the next
    /// start.</summary>
    public DateTimeOffset? ShutDown { get; init; }

    /// <summary>The last finished pause, with the pauses that it followed at once, or null. The next claim uses the pause to
    /// explain late fire times.</summary>
    public PauseSpan? PausedBefore { get; init; }

    /// <summary>The beginning of the complete record: the retention deleted earlier records. Null if nothing was deleted
    /// yet.</summary>
    public DateTimeOffset? CompleteSince { get; init; }

    /// <summary>A hash over the last reconciled declarations, or null. A node with the same hash has nothing to
    /// reconcile when it becomes active.</summary>
    public string? Declared { get; init; }
}

/// <summary>A finished pause.</summary>
public readonly struct PauseSpan(DateTimeOffset from, DateTimeOffset to)
{
    /// <summary>Its beginning.</summary>
    public DateTimeOffset From { get; } = from;

    /// <summary>Its end.</summary>
    public DateTimeOffset To { get; internal init; } = to;

    /// <summary>The number of the <see cref="JobAction"/> that set the pause, or null if unknown.</summary>
    public long? Action { get; init; }
}
