using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>A waiter's judgement of one epoch by its row: how long the row has stood still, by the waiter's own monotonic clock, when to probe, and when the epoch may be ended.</summary>
/// <remarks>Only what was seen on time counts. The row that was judged travels with the change that ends the epoch, so that a row that has moved since is left alone.</remarks>
sealed class EpochWatch(NodeContext context)
{
    readonly long start = context.Clock.GetTimestamp();
    LeaseCount? count, free;

    /// <summary>How long to wait for the next look; null where no count has begun.</summary>
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

    /// <summary>Judges the row as a look read it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="lockIsFree">Whether the life lock of its node was found free, where that alone does not prove that the process is gone.</param>
    /// <returns>What to do, and why the epoch ends if it does.</returns>
    public (LeaseStep Step, EpochEnd Why) Judge(EpochSeen row, bool lockIsFree = false)
    {
        var (step, probe) = (LeaseStep.Wait, LeaseStep.Wait);

        // An early look at a row that has not moved changes nothing: a probe notifies its own sender too, which would probe again at once.
        if (count is not { } so || so.Row != row || Now >= so.NextAt)
        {
            (count, step) = context.ProtocolOverrides.Judge(count, row, Now, context.Settings.Lease);
        }

        if (free is not null || lockIsFree) (free, probe) = context.ProtocolOverrides.JudgeFree(free, row, Now, context.Settings.Lease);
        if (probe == LeaseStep.Raise) return (LeaseStep.Raise, EpochEnd.ProcessGone);
        return (step == LeaseStep.Wait ? probe : step, EpochEnd.LeaseOver);
    }

    /// <summary>A probe was written: the node has its time to answer from now on.</summary>
    public void Probed()
    {
        if (free is { } so) free = so with { NextAt = Now + Lease.ProbeWait(context.Settings.Lease) };
    }

    /// <summary>Counts from the start: a look has failed, or the waiter was away.</summary>
    public void Restart() => (count, free) = (null, null);
}
