namespace Escapement.Jobs;

/// <summary>How late a fire time may still become a run.</summary>
public readonly record struct MisfireGrace
{
    enum Kind { Fixed, Unlimited, UntilNext }

    readonly Kind kind;
    readonly TimeSpan limit;

    MisfireGrace(Kind kind, TimeSpan limit) => (this.kind, this.limit) = (kind, limit);

    /// <summary>Returns a misfire grace with a fixed limit above zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is zero or less.</exception>
    public static MisfireGrace Of(TimeSpan limit) => limit > TimeSpan.Zero
        ? new(Kind.Fixed, limit)
        : throw new ArgumentOutOfRangeException(nameof(limit), limit,
            $"The misfire grace is {limit}; it must be above zero. For no limit, use MisfireGrace.Unlimited.");

    /// <summary>No limit.</summary>
    public static MisfireGrace Unlimited { get; } = new(Kind.Unlimited, default);

    /// <summary>Until the job's next fire time, and at most the scheduler's grace limit. The default of jobs declared
    /// in code.</summary>
    public static MisfireGrace UntilNext { get; } = new(Kind.UntilNext, default);

    /// <summary>The fixed limit, or null for <see cref="Unlimited"/> and <see cref="UntilNext"/>.</summary>
    public TimeSpan? Limit => kind == Kind.Fixed ? limit : null;

    /// <summary>True for <see cref="UntilNext"/>.</summary>
    public bool IsUntilNext => kind == Kind.UntilNext;

    /// <summary>Returns true if a fire time with this delay may still run.</summary>
    /// <param name="late">The delay.</param>
    /// <param name="graceLimit">The scheduler's limit for <see cref="UntilNext"/>.</param>
    internal bool Allows(TimeSpan late, TimeSpan graceLimit) => kind switch
    {
        Kind.Fixed => late <= limit,
        Kind.UntilNext => late <= graceLimit,
        _ => true,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        kind switch { Kind.Fixed => limit.ToString(), Kind.UntilNext => "until the next fire time", _ => "however late" };
}
