namespace Escapement.Ledger;

/// <summary>What claims and the ends of runs change of a job. Holds no reference, so copying it allocates nothing.</summary>
/// <param name="Next">The watermark in microseconds since 1970: the first fire time whose fate is not written yet. <see cref="Never"/> for none.</param>
/// <param name="Last">The latest fire time that was ever claimed; a later one is new by that alone. <see cref="Nothing"/> for none.</param>
/// <param name="Running">How many of the job's runs are claimed and have no outcome yet.</param>
/// <param name="Change">Grows with each change of what a claim reads of the job, but not with a plain end of a run.</param>
public readonly record struct JobState(long Next, long Last, int Running, long Change)
{
    /// <summary>The value of <see cref="Next"/> when there is no next fire time.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The value of <see cref="Last"/> when no fire time was ever claimed.</summary>
    public const long Nothing = long.MinValue;

    /// <summary>The state of a job that never fired and has no next fire time.</summary>
    public static JobState None { get; } = new(Never, Nothing, 0, 0);

    /// <summary>The watermark; null when there is none.</summary>
    public DateTimeOffset? NextFireTime => Next == Never ? null : Instant.FromMicros(Next);

    /// <summary>The latest claimed fire time; null when there is none.</summary>
    public DateTimeOffset? LastFireTime => Last == Nothing ? null : Instant.FromMicros(Last);

    /// <summary>Returns the state with another watermark.</summary>
    public JobState WithNext(DateTimeOffset? next) => this with { Next = next?.ToMicros() ?? Never };
}
