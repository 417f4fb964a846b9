using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>What a waiter last read of the newest epoch; a raise changes nothing if it no longer stands so.</summary>
/// <param name="Number">0 when there was none.</param>
/// <param name="Heartbeat">Its counter.</param>
/// <param name="Ended">Whether it had ended.</param>
public readonly record struct EpochSeen(long Number, long Heartbeat, bool Ended)
{
    /// <summary>What was read of this row.</summary>
    public static EpochSeen Of(Epoch? epoch) => epoch is null ? default : new(epoch.Number, epoch.Heartbeat, epoch.Ended is not null);
}

/// <summary>What a waiter is to do about an epoch's row that does not move.</summary>
enum LeaseStep
{
    /// <summary>Look again at the next moment.</summary>
    Wait,

    /// <summary>Write a question into the row, ring, and look again at the next moment.</summary>
    Ask,

    /// <summary>The lease is over: raise.</summary>
    Raise,
}

/// <summary>A waiter's count of an epoch that shows no sign of life, by its own monotonic clock.</summary>
/// <param name="Row">The row as it stands since <paramref name="Since"/>.</param>
/// <param name="Since">When it was first seen so.</param>
/// <param name="NextAt">When the next look is owed; one that comes much later counts for nothing.</param>
/// <param name="Asked">Whether a question was written and stood.</param>
readonly record struct LeaseCount(EpochSeen Row, TimeSpan Since, TimeSpan NextAt, bool Asked);

/// <summary>When a node that is stopped but not dead is replaced: all rules in one pure function.</summary>
/// <remarks>
/// The row counts whatever it says (alive, ended, or none yet), because the holder of the lock may be stopped before it raises.
/// Only what the waiter saw on time counts: a machine that slept, a group of processes stopped together, or a store that
/// nobody could write then costs nobody the epoch.
/// </remarks>
static class Lease
{
    /// <summary>A look, a beat and the question's part are each a third of the lease.</summary>
    public static TimeSpan Part(TimeSpan lease) => lease / 3;

    /// <summary>How long a node whose life lock was found free, where that alone proves nothing, has to answer a probe: half a second with the default lease.</summary>
    public static TimeSpan ProbeWait(TimeSpan lease) => lease / 30;

    /// <summary>How long after the beginning of an accepted sign of life a node may start handlers, where its life lock can come free while it lives.</summary>
    /// <remarks>Shorter than <see cref="ProbeWait"/>: whoever settles the node's runs has seen no sign of life for that long, so no start can follow the settlement.</remarks>
    public static TimeSpan StartTrust(TimeSpan lease) => ProbeWait(lease) * 0.8;

    /// <summary>A count that begins now.</summary>
    public static LeaseCount Begin(EpochSeen row, TimeSpan now, TimeSpan lease) => new(row, now, now + Part(lease), Asked: false);

    /// <summary>What a look at the row means.</summary>
    /// <param name="count">The count so far; null at the first look.</param>
    /// <param name="row">What the look read.</param>
    /// <param name="now">When, by the waiter's monotonic clock.</param>
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

    /// <summary>What a look at the row means while its node's life lock was found free: the node is probed, and its epoch ends if the row has not moved since.</summary>
    /// <param name="count">The count so far; null where the lock was just found free.</param>
    /// <param name="row">What the look read.</param>
    /// <param name="now">When, by the waiter's monotonic clock.</param>
    /// <param name="lease">The lease.</param>
    /// <returns>The count, or null once the node has answered.</returns>
    public static (LeaseCount? Count, LeaseStep Step) LookFree(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease)
    {
        var wait = ProbeWait(lease);
        if (count is { } before && before.Row != row) return (null, LeaseStep.Wait);
        if (count is not { } so || now > so.NextAt + wait / 2) return (new(row, now, now + wait, Asked: true), LeaseStep.Ask);
        return (so, now < so.NextAt ? LeaseStep.Wait : LeaseStep.Raise);
    }

    static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
