namespace Escapement.Engine;

/// <summary>Compares how far the wall clock and the monotonic one have come: the first can be set, and goes on while the machine sleeps.</summary>
sealed class ClockWatch(TimeProvider clock)
{
    /// <summary>A difference up to this is the clocks' own.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    readonly (long Timestamp, DateTimeOffset Wall) origin = (clock.GetTimestamp(), clock.GetUtcNow());
    readonly Lock gate = new();
    TimeSpan accepted;
    DateTimeOffset? from;
    long? forward;

    /// <summary>By how much the wall clock has jumped since the last one that was accepted; null when it has not. A jump forward is then no longer the cause of what is lost.</summary>
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

    /// <summary>This jump has been dealt with.</summary>
    public void Accept(TimeSpan jump)
    {
        lock (gate)
        {
            from = jump > TimeSpan.Zero ? clock.GetUtcNow() - jump : null;
            if (jump > TimeSpan.Zero) forward = clock.GetTimestamp();
            accepted += jump;
        }
    }

    /// <summary>Returns whether the wall clock jumped forward within a time before now, or has done so since the last comparison.</summary>
    public bool JumpedForwardWithin(TimeSpan time)
    {
        lock (gate) return Difference() > Limit || (forward is { } at && clock.GetElapsedTime(at) < time);
    }

    /// <summary>What the wall clock should show, while it is ahead of that: until one comparison after the jump was accepted.</summary>
    public DateTimeOffset? JumpedFrom()
    {
        lock (gate) return from ?? (Difference() is var jump && jump > Limit ? clock.GetUtcNow() - jump : null);
    }

    TimeSpan Difference() => clock.GetUtcNow() - origin.Wall - clock.GetElapsedTime(origin.Timestamp) - accepted;
}
