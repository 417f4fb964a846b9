using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>An open transaction, with the notification to send after the commit.</summary>
/// <param name="db">The session.</param>
/// <param name="jobs">The cache of parsed jobs.</param>
/// <param name="host">The clock that decides in place of the database's clock, or null.</param>
sealed class Transaction(Session db, JobCache jobs, TimeProvider? host)
{
    DateTimeOffset? now;

    public Session Db => db;

    public JobCache Jobs => jobs;

    /// <summary>The time of the transaction in whole microseconds. Read by <see cref="ReadClockAsync"/>.</summary>
    public DateTimeOffset Now => now ?? throw new InvalidOperationException("The clock was not read.");

    /// <summary>The notification to send after the commit.</summary>
    public Notification Notification { get; private set; }

    /// <summary>Reads the clock. The rows of the transaction are locked first, because a time from before a wait may be
    /// old.</summary>
    public async Task ReadClockAsync() => now = (host?.GetUtcNow() ?? await db.NowAsync()).ToWholeMicros();

    public void Notify(StoreSignal signal, RunId? run = null) => Notification = Notification.And(new(signal, run is { } id ? [id] : null));
}
