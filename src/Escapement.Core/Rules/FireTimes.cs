using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The fire times of a job from its watermark on. A watermark that was given by hand is one of them even if the trigger does not yield it.</summary>
/// <param name="trigger">The job's trigger.</param>
/// <param name="first">The watermark.</param>
/// <param name="search">How the trigger is asked.</param>
readonly struct FireTimes(Trigger trigger, DateTimeOffset first, TriggerSearch search)
{
    /// <summary>The watermark.</summary>
    public DateTimeOffset First => first;

    /// <summary>Returns the first fire time at or after an instant; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset from) => from <= first ? first : search.Next(trigger, from);

    /// <summary>Returns the first fire time after another; null when there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset fireTime) => fireTime == DateTimeOffset.MaxValue ? null : Next(fireTime.JustAfter());

    /// <summary>Whether a rule that looks at one fire time after the other stops at this one and leaves it to the next claim.</summary>
    public bool StopsAt(DateTimeOffset fireTime) => search.StopsAt(fireTime);

    /// <summary>Returns the last fire time strictly before an instant; null when that is before the watermark.</summary>
    public DateTimeOffset? Previous(DateTimeOffset before)
    {
        if (before <= first) return null;
        return search.Previous(trigger, before) is { } last && last > first ? last : first;
    }
}
