namespace Escapement.PostgreSql;

/// <summary>The database's clock as last measured, on the timers of the program.</summary>
/// <param name="host">The clock of the program.</param>
sealed class DatabaseClock(TimeProvider host) : TimeProvider
{
    /// <summary>A measurement replaces an older one of at least this age, even if the older was more precise.</summary>
    static readonly TimeSpan Age = TimeSpan.FromSeconds(30);

    readonly Lock gate = new();
    (TimeSpan Offset, TimeSpan Error, long At)? measured;

    public override long TimestampFrequency => host.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => host.LocalTimeZone;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return host.GetUtcNow() + (measured?.Offset ?? TimeSpan.Zero);
    }

    public override long GetTimestamp() => host.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        host.CreateTimer(callback, state, dueTime, period);

    /// <summary>Adds a measurement. The clock moves only if the measurement contradicts the one before.</summary>
    /// <param name="database">The database's clock, read between <paramref name="begun"/> and now.</param>
    /// <param name="begun">The timestamp of the question.</param>
    public void Measure(DateTimeOffset database, long begun)
    {
        var (now, elapsed) = (host.GetTimestamp(), host.GetElapsedTime(begun));
        var (offset, error) = (database - (host.GetUtcNow() - (elapsed / 2)), elapsed / 2);
        lock (gate)
        {
            if (measured is var (before, precision, at))
            {
                var agrees = (offset - before).Duration() <= error + precision;
                if (agrees && error >= precision && host.GetElapsedTime(at, now) < Age) return;
                if (agrees && (offset - before).Duration() <= error) offset = before;
            }

            measured = (offset, error, now);
        }
    }
}
