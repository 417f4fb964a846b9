namespace Escapement.Ledger;

/// <summary>The state of a job that claims and ends of runs change. Contains no reference, so copying allocates
/// nothing.</summary>
public readonly struct JobState
{
    /// <summary>The value of <see cref="Next"/> if there is no next fire time.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The value of <see cref="Last"/> if no fire time was ever claimed.</summary>
    public const long Nothing = long.MinValue;

    /// <summary>Creates a state.</summary>
    public JobState(long next, long last, int running, long change) => (Next, Last, Running, Change) = (next, last, running, change);

    /// <summary>The watermark in microseconds since 1970: the first undecided fire time, or
    /// <see cref="Never"/>.</summary>
    public long Next { get; init; }

    /// <summary>The latest fire time ever claimed, or <see cref="Nothing"/>. A later fire time is certain not to have
    /// run.</summary>
    public long Last { get; init; }

    /// <summary>The number of claimed runs without an outcome.</summary>
    public int Running { get; init; }

    /// <summary>Grows with each change of the claim-relevant state, but not with a plain end of a run.</summary>
    public long Change { get; init; }

    /// <summary>The state of a job that never fired and has no next fire time.</summary>
    internal static JobState None { get; } = new(Never, Nothing, 0, 0);

    /// <summary>The watermark, or null if there is none.</summary>
    internal DateTimeOffset? NextFireTime => Next == Never ? null : Instant.FromMicros(Next);

    /// <summary>The latest claimed fire time, or null if there is none.</summary>
    internal DateTimeOffset? LastFireTime => Last == Nothing ? null : Instant.FromMicros(Last);

    /// <summary>Returns the state with another watermark.</summary>
    internal JobState WithNext(DateTimeOffset? next) => this with { Next = next?.ToMicros() ?? Never };
}
