namespace Escapement.Engine;

/// <summary>
/// Compares the wall clock with the monotonic clock. The wall clock can be set, and continues while the machine sleeps.
/// </summary>
sealed class ClockWatch(TimeProvider clock)
{
    /// <summary>The largest difference that counts as normal drift between the clocks.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    readonly (long Timestamp, DateTimeOffset Wall) origin = (clock.GetTimestamp(), clock.GetUtcNow());
    readonly Lock gate = new();
    TimeSpan accepted;
    DateTimeOffset? from;
    long? forward;

    /// <summary>
    /// Returns the jump of the wall clock since the last accepted jump, or null if there is none. If there is none, an
    /// accepted forward jump stops counting as the cause of missed fire times.
    /// </summary>
    public TimeSpan? Jump()
    {
        lock (gate)
        {
            var jump = Difference();
            if (jump.Duration() > Limit) return jump;
            from = null;
            return null;
        }
    }

    /// <summary>Records that a jump has been handled.</summary>
    public void Accept(TimeSpan jump)
    {
        lock (gate)
        {
            from = jump > TimeSpan.Zero ? clock.GetUtcNow() - jump : null;
            if (jump > TimeSpan.Zero) forward = clock.GetTimestamp();
            accepted += jump;
        }
    }

    /// <summary>
    /// Returns whether the wall clock jumped forward within the given time, or since the last comparison.
    /// </summary>
    public bool JumpedForwardWithin(TimeSpan time)
    {
        lock (gate) return Difference() > Limit || (forward is { } at && clock.GetElapsedTime(at) < time);
    }

    /// <summary>
    /// Returns the time that the wall clock should show, or null if the wall clock is not ahead. The clock counts as
    /// ahead until a comparison after the jump was accepted.
    /// </summary>
    public DateTimeOffset? JumpedFrom()
    {
        lock (gate) return from ?? (Difference() is var jump && jump > Limit ? clock.GetUtcNow() - jump : null);
    }

    TimeSpan Difference() => clock.GetUtcNow() - origin.Wall - clock.GetElapsedTime(origin.Timestamp) - accepted;
}
