using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The fire times of a job from its watermark on. A watermark that was given by hand is one of them though the trigger does not yield it.</summary>
/// <param name="trigger">The job's trigger.</param>
/// <param name="first">The watermark.</param>
readonly struct FireTimes(Trigger trigger, DateTimeOffset first)
{
    /// <summary>The smallest difference of two fire times.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    /// <summary>The first at or after an instant.</summary>
    public DateTimeOffset? Next(DateTimeOffset from) => from <= first ? first : trigger.Next(from);

    /// <summary>The last strictly before an instant; null when that is at or before the watermark.</summary>
    public DateTimeOffset? Previous(DateTimeOffset before)
    {
        if (before <= first) return null;
        return trigger.Previous(before) is { } last && last > first ? last : first;
    }

    /// <summary>The entry for those at or after the one instant and before the other; null when there are none.</summary>
    public Entry? Stretch(JobId job, DateTimeOffset from, DateTimeOffset to, Reason reason)
    {
        if (from < first) from = first;
        if (from >= to) return null;
        var count = trigger.Count(from, to);
        if (from == first && trigger.Next(first) != first) count++;
        return count == 0 ? null : new(job, Next(from)!.Value, Previous(to)!.Value, count, reason);
    }
}
