using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The fire times of a job from its watermark on. A manually set watermark counts as a fire time even if the
/// trigger would skip it.</summary>
/// <param name="trigger">The job's trigger.</param>
/// <param name="first">The watermark.</param>
/// <param name="search">The trigger search.</param>
readonly struct FireTimes(Trigger trigger, DateTimeOffset first, TriggerSearch search)
{
    /// <summary>The watermark.</summary>
    public DateTimeOffset First => first;

    /// <summary>Returns the first fire time at or after an instant, or null if there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset from) => from <= first ? first : search.Next(trigger, from);

    /// <summary>Returns the first fire time after a fire time, or null if there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset fireTime) => fireTime == DateTimeOffset.MaxValue ? null : Next(fireTime.JustAfter());

    /// <summary>Returns true if a rule that steps through the fire times must stop at this fire time and leave the rest
    /// to the next claim.</summary>
    public bool StopsAt(DateTimeOffset fireTime) => search.StopsAt(fireTime);

    /// <summary>Returns the last fire time strictly before an instant, or null if the instant is not after the
    /// watermark.</summary>
    public DateTimeOffset? Previous(DateTimeOffset before)
    {
        if (before <= first) return null;
        return search.Previous(trigger, before) is { } last && last > first ? last : first;
    }
}
