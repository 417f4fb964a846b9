using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The moment of a claim: what holds for all jobs in it.</summary>
/// <param name="Now">Read inside the claim's transaction.</param>
/// <param name="GraceLimit">The most that <see cref="Grace.UntilNext"/> allows.</param>
/// <param name="Scheduler">The scheduler's marks.</param>
/// <param name="EpochBegun">When the claiming epoch began.</param>
/// <param name="LastSignBefore">The end of the epoch before it; between the two no node was active.</param>
public readonly record struct Moment(
    DateTimeOffset Now, TimeSpan GraceLimit, SchedulerState Scheduler, DateTimeOffset EpochBegun, DateTimeOffset? LastSignBefore)
{
    /// <summary>Whether nobody was active before this epoch because the scheduler was shut down.</summary>
    public bool WasShutDown { get; init; }

    /// <summary>When else no node was active, newest first: between older epochs, back to the oldest fire time that is due.</summary>
    public IReadOnlyList<Standstill> Earlier { get; init; } = [];

    /// <summary>Since when the job's executor had no free place until now; null when it had one.</summary>
    public DateTimeOffset? FullSince { get; init; }

    /// <summary>What the wall clock should have shown when it was found to be ahead of that; null when it was not.</summary>
    public DateTimeOffset? ClockJumpedFrom { get; init; }

    /// <summary>The moment of a claim under an epoch.</summary>
    /// <param name="now">Read inside the claim's transaction.</param>
    /// <param name="graceLimit">The request's.</param>
    /// <param name="scheduler">The scheduler's marks.</param>
    /// <param name="epoch">The claiming epoch.</param>
    /// <param name="before">The epoch before it, if the store knows one.</param>
    public static Moment Of(DateTimeOffset now, TimeSpan graceLimit, SchedulerState scheduler, Epoch epoch, Epoch? before) =>
        new(now, graceLimit, scheduler, epoch.Begun, before?.Ended) { WasShutDown = before?.How == EpochEnd.ShutDown };

    /// <summary>The standstills between the epochs before the one that claims.</summary>
    /// <param name="newestFirst">These epochs, the one right before it first; the last one is not younger than the oldest fire time that is due, or the first of all.</param>
    public static IReadOnlyList<Standstill> Between(IReadOnlyList<Epoch> newestFirst)
    {
        List<Standstill> standstills = [];
        for (var i = 0; i < newestFirst.Count; i++)
        {
            var before = i + 1 < newestFirst.Count ? newestFirst[i + 1] : null;
            standstills.Add(new(before is null ? DateTimeOffset.MinValue : before.Ended ?? before.LastSign, newestFirst[i].Begun, before?.How == EpochEnd.ShutDown));
        }
        return standstills;
    }

    /// <summary>Why a fire time that is beyond its grace was not claimed in time.</summary>
    internal Reason CauseAt(DateTimeOffset fireTime)
    {
        if (Pause is { } pause && fireTime >= pause.From && fireTime < pause.To) return Reason.SchedulerPaused;
        if (fireTime < EpochBegun && !(fireTime < LastSignBefore)) return WasShutDown ? Reason.ShutDown : Reason.NoActiveNode;
        foreach (var standstill in Earlier)
            if (fireTime >= standstill.From && fireTime < standstill.To)
                return standstill.WasShutDown ? Reason.ShutDown : Reason.NoActiveNode;
        if (fireTime >= ClockJumpedFrom) return Reason.ClockJump;
        return fireTime >= FullSince ? Reason.ExecutorSaturated : Reason.MisfireGraceExceeded;
    }

    /// <summary>Where the answer of <see cref="CauseAt"/> can change, in order.</summary>
    internal IEnumerable<DateTimeOffset> Changes() =>
        new[] { Pause?.From, Pause?.To, LastSignBefore, EpochBegun, FullSince, ClockJumpedFrom }.OfType<DateTimeOffset>()
            .Concat(Earlier.SelectMany(standstill => new[] { standstill.From, standstill.To })).Order();

    PauseSpan? Pause => Scheduler.Paused is { } mark ? new(mark.At, DateTimeOffset.MaxValue) : Scheduler.PausedBefore;
}

/// <summary>A stretch in which no node was active.</summary>
/// <param name="From">The end of an epoch: its last sign of life, when another node ended it.</param>
/// <param name="To">When the next one began.</param>
/// <param name="WasShutDown">Whether because the scheduler was shut down.</param>
public readonly record struct Standstill(DateTimeOffset From, DateTimeOffset To, bool WasShutDown);
