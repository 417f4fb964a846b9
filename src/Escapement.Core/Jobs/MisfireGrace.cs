namespace Escapement.Jobs;

/// <summary>How late a fire time may still become a run.</summary>
public readonly record struct MisfireGrace
{
    enum Kind { Fixed, Unlimited, UntilNext }

    readonly Kind kind;
    readonly TimeSpan limit;

    MisfireGrace(Kind kind, TimeSpan limit) => (this.kind, this.limit) = (kind, limit);

    /// <summary>At most this much; above zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less.</exception>
    public static MisfireGrace Of(TimeSpan limit) => limit > TimeSpan.Zero
        ? new(Kind.Fixed, limit)
        : throw new ArgumentOutOfRangeException(nameof(limit), limit,
            $"A grace is {limit}; it must be above zero. To run however late, use Grace.Unlimited.");

    /// <summary>However late.</summary>
    public static MisfireGrace Unlimited { get; } = new(Kind.Unlimited, default);

    /// <summary>Until the job's next fire time, and no later than the scheduler's grace limit: the default of jobs declared in code.</summary>
    public static MisfireGrace UntilNext { get; } = new(Kind.UntilNext, default);

    /// <summary>The limit that was set, or null for the two that have none of their own.</summary>
    public TimeSpan? Limit => kind == Kind.Fixed ? limit : null;

    /// <summary>Whether this is <see cref="UntilNext"/>.</summary>
    public bool IsUntilNext => kind == Kind.UntilNext;

    /// <summary>Whether a fire time that is this late may still run.</summary>
    /// <param name="late">How late it is.</param>
    /// <param name="graceLimit">The scheduler's limit for <see cref="UntilNext"/>.</param>
    public bool Allows(TimeSpan late, TimeSpan graceLimit) => kind switch
    {
        Kind.Fixed => late <= limit,
        Kind.UntilNext => late <= graceLimit,
        _ => true,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        kind switch { Kind.Fixed => limit.ToString(), Kind.UntilNext => "until the next fire time", _ => "however late" };
}
