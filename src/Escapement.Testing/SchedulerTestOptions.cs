using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Testing;

/// <summary>The choices of a <see cref="SchedulerTest"/>.</summary>
public sealed record SchedulerTestOptions
{
    /// <summary>The time of the clock at the start. By default 2030-01-01 00:00 UTC, a Tuesday.</summary>
    public DateTimeOffset Start
    {
        get;
        init => (field, StartIsGiven) = (value, true);
    } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal bool StartIsGiven { get; private init; }

    /// <summary>Creates the store from the clock and the path of an empty folder, which is deleted with the test. Null for a
    /// store in memory. The processes of a test share the store, and the store outlives each of them.</summary>
    public Func<TimeProvider, string, IJobStore>? Store { get; init; }

    /// <summary>True if each process is active, as with a database shared by machines. False for a single active process,
    /// with the others on standby. Only for the store in memory.</summary>
    public bool EveryProcessActive { get; init; }

    /// <summary>The time zone of triggers without a zone of their own, if neither program nor settings name a zone. By
    /// default UTC, so that a test does not depend on the zone of the machine.</summary>
    public ZoneClock Zone { get; init; } = ZoneClock.Utc;

    /// <summary>The lease, from 1 s to 1 h. By default 15 minutes instead of the 15 seconds of a program, because each third
    /// of a lease is an instant at which the clock stops: with 15 minutes, a year has 105,000 such instants.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long, in real time, the clock waits for a handler that awaits anything except the clock, above zero. A
    /// longer wait throws <see cref="SchedulerTestException"/>. By default 30 seconds.</summary>
    public TimeSpan RealTimeLimit { get; init => field = Checked(value, nameof(RealTimeLimit)); } = TimeSpan.FromSeconds(30);

    /// <summary>How long, in real time, the clock waits for a handler under a time limit of the clock (a
    /// <see cref="CancellationTokenSource"/> or <c>WaitAsync</c> with the clock), above zero. The clock then goes on until the
    /// time limit. By default 1 second.</summary>
    public TimeSpan TimeoutPatience { get; init => field = Checked(value, nameof(TimeoutPatience)); } = TimeSpan.FromSeconds(1);

    static TimeSpan Checked(TimeSpan value, string name) => value > TimeSpan.Zero && value <= TimeSpan.FromHours(1)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; above zero and at most 1 hour is allowed.");
}
