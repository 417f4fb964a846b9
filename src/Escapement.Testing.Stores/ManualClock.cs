namespace Escapement.Testing.Stores;

/// <summary>A clock that stands until it is moved, forwards or back.</summary>
/// <param name="now">What it shows first.</param>
public sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    readonly Lock gate = new();
    DateTimeOffset now = now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    /// <summary>Moves it.</summary>
    /// <param name="by">Below zero: back.</param>
    public void Move(TimeSpan by)
    {
        lock (gate) now += by;
    }
}
