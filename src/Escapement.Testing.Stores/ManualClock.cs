namespace Escapement.Testing.Stores;

/// <summary>A clock that stands still until a test moves the time forward or back.</summary>
/// <param name="now">The initial time.</param>
public sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    readonly Lock gate = new();
    DateTimeOffset now = now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    /// <summary>Moves the clock.</summary>
    /// <param name="by">The distance. A negative value moves the clock back.</param>
    public void Move(TimeSpan by)
    {
        lock (gate) now += by;
    }
}
