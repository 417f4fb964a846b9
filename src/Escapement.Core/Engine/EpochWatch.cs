using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>
/// Judges an epoch from its row: how long the row has not changed by the waiter's own monotonic clock, when to probe,
/// and when the epoch may be ended.
/// </summary>
/// <remarks>
/// Only looks made on time count. The judged row is part of the change that ends the epoch, so that an epoch whose row
/// has changed since is left alone.
/// </remarks>
sealed class EpochWatch(NodeContext context)
{
    readonly long start = context.Clock.GetTimestamp();
    LeaseCount? count, free;

    /// <summary>The time until the next look, or null if no count has begun.</summary>
    public TimeSpan? Pause => (count, free) switch
    {
        ({ } lease, { } probe) => (lease.NextAt < probe.NextAt ? lease.NextAt : probe.NextAt) - Now,
        ({ } lease, null) => lease.NextAt - Now,
        (null, { } probe) => probe.NextAt - Now,
        _ => null,
    };

    /// <summary>Whether the epoch is probed because the life lock of its node was free.</summary>
    public bool IsProbing => free is not null;

    TimeSpan Now => context.Clock.GetElapsedTime(start);

    /// <summary>Judges the row read by a look.</summary>
    /// <param name="row">The row.</param>
    /// <param name="lockIsFree">
    /// Whether the life lock of the node was found free, in a store where a free lock alone does not prove the end of
    /// the process.
    /// </param>
    /// <returns>The next step, and the reason if the epoch ends.</returns>
    public (LeaseStep Step, EpochEnd Why) Judge(EpochSeen row, bool lockIsFree = false)
    {
        var (step, probe) = (LeaseStep.Wait, LeaseStep.Wait);

        // An early look at an unchanged row has no effect: a probe notifies its own sender too, and the sender would
        // probe again at once.
        if (count is not { } so || so.Row != row || Now >= so.NextAt)
        {
            (count, step) = context.ProtocolOverrides.Judge(count, row, Now, context.Settings.Lease);
        }

        if (free is not null || lockIsFree) (free, probe) = context.ProtocolOverrides.JudgeFree(free, row, Now, context.Settings.Lease);
        if (probe == LeaseStep.Raise) return (LeaseStep.Raise, EpochEnd.ProcessGone);
        return (step == LeaseStep.Wait ? probe : step, EpochEnd.LeaseOver);
    }

    /// <summary>Records that a probe was written. The node's time to answer starts with this call.</summary>
    public void Probed()
    {
        if (free is { } so) free = so with { NextAt = Now + Lease.ProbeWait(context.Settings.Lease) };
    }

    /// <summary>Starts the count again, because a look has failed or the waiter was away.</summary>
    public void Restart() => (count, free) = (null, null);
}
