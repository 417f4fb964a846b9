using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The newest epoch as last read by a standby. A takeover changes nothing if the epoch has changed
/// since.</summary>
public readonly record struct EpochSeen
{
    internal EpochSeen(long number, long heartbeat, bool ended) => (Number, Heartbeat, Ended) = (number, heartbeat, ended);

    /// <summary>The number of the epoch, or 0 if there was none.</summary>
    public long Number { get; }

    /// <summary>The heartbeat counter.</summary>
    internal long Heartbeat { get; init; }

    /// <summary>True if the epoch had ended.</summary>
    internal bool Ended { get; init; }

    /// <summary>Returns the observation of a row.</summary>
    public static EpochSeen Of(Epoch? epoch) => epoch is null ? default : new(epoch.Number, epoch.Heartbeat, epoch.Ended is not null);
}

/// <summary>The next step of a standby that observes an unchanged epoch row.</summary>
enum LeaseStep
{
    /// <summary>Check again at the next scheduled time.</summary>
    Wait,

    /// <summary>Write a probe into the row, send a notification, and check again at the next scheduled time.</summary>
    Ask,

    /// <summary>The lease has expired: begin a new epoch.</summary>
    Raise,
}

/// <summary>A standby's observation of an epoch without a sign of life, measured by the standby's monotonic
/// clock.</summary>
/// <param name="Row">The row, unchanged since <paramref name="Since"/>.</param>
/// <param name="Since">The first observation of this row.</param>
/// <param name="NextAt">The time of the next scheduled check. A much later check resets the count.</param>
/// <param name="Asked">True if a probe was written and remained unanswered.</param>
readonly record struct LeaseCount(EpochSeen Row, TimeSpan Since, TimeSpan NextAt, bool Asked);

/// <summary>Decides when a suspended node is replaced: all rules in a pure function.</summary>
/// <remarks>
/// The row counts in any state (alive, ended, or missing), because the holder of the lock may be suspended before it
/// begins an
/// epoch. Only timely checks count. A machine that slept, processes suspended together, or a store without write access
/// must not cost a
/// node its epoch.
/// </remarks>
static class Lease
{
    /// <summary>Returns a third of the lease: the interval of checks and heartbeats, and the time for a
    /// probe.</summary>
    public static TimeSpan Part(TimeSpan lease) => lease / 3;

    /// <summary>Returns the time for a node to answer a probe if its life lock is free but the free lock alone proves
    /// nothing: half a second with the default lease.</summary>
    public static TimeSpan ProbeWait(TimeSpan lease) => lease / 30;

    /// <summary>Returns how long after the beginning of an accepted sign of life a node may start handlers, if its life
    /// lock can become free during its life.</summary>
    /// <remarks>Shorter than <see cref="ProbeWait"/>: before the node's runs are settled, no sign of life was seen for
    /// this time, so no start can follow the settlement.</remarks>
    public static TimeSpan StartTrust(TimeSpan lease) => ProbeWait(lease) * 0.8;

    /// <summary>Begins a count.</summary>
    public static LeaseCount Begin(EpochSeen row, TimeSpan now, TimeSpan lease) => new(row, now, now + Part(lease), Asked: false);

    /// <summary>Evaluates a check of the row.</summary>
    /// <param name="count">The count so far, or null at the first check.</param>
    /// <param name="row">The observed row.</param>
    /// <param name="now">The time of the check, by the standby's monotonic clock.</param>
    /// <param name="lease">The lease.</param>
    public static (LeaseCount Count, LeaseStep Step) Look(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease)
    {
        var part = Part(lease);
        if (count is not { } so || so.Row != row || now > so.NextAt + part / 2) return (Begin(row, now, lease), LeaseStep.Wait);

        var counted = now - so.Since;
        if (counted < lease - part) return (so with { NextAt = Earlier(now + part, so.Since + lease - part) }, LeaseStep.Wait);
        if (counted < lease) return (so with { NextAt = Earlier(now + part / 5, so.Since + lease), Asked = true }, LeaseStep.Ask);
        return so.Asked ? (so, LeaseStep.Raise) : (Begin(row, now, lease), LeaseStep.Wait);
    }

    /// <summary>Evaluates a check of the row while the node's life lock is free: the node is probed, and its epoch ends
    /// if the row has not changed since.</summary>
    /// <param name="count">The count so far, or null if the free lock was just discovered.</param>
    /// <param name="row">The observed row.</param>
    /// <param name="now">The time of the check, by the standby's monotonic clock.</param>
    /// <param name="lease">The lease.</param>
    /// <returns>The count, or null after the node has answered.</returns>
    public static (LeaseCount? Count, LeaseStep Step) LookFree(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease)
    {
        var wait = ProbeWait(lease);
        if (count is { } before && before.Row != row) return (null, LeaseStep.Wait);
        if (count is not { } so || now > so.NextAt + wait / 2) return (new(row, now, now + wait, Asked: true), LeaseStep.Ask);
        return (so, now < so.NextAt ? LeaseStep.Wait : LeaseStep.Raise);
    }

    static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
