namespace Escapement.Triggers;

/// <summary>How often a trigger that is made of others fires: on whole seconds a day at a time, between them by the arithmetic of intervals.</summary>
static class TriggerCount
{
    /// <summary>The fire times at or after the one instant and before the other.</summary>
    public static long Of(Trigger trigger, DateTimeOffset from, DateTimeOffset to)
    {
        if (from >= to || Earliest(trigger, from) is not { } first || first >= to || Latest(trigger, to) is not { } last || last < first) return 0;
        // No day before the first fire time and after the last is looked at.
        to = last.JustAfter();
        return FireDays.Count(trigger, first, to) + new BetweenSeconds(trigger).Count(first, to);
    }

    /// <summary>Whether too many intervals with fractions of a second overlap.</summary>
    public static bool MayEstimate(Trigger trigger) => new BetweenSeconds(trigger).MayEstimate;

    // Before it the trigger does not fire.
    static DateTimeOffset? Earliest(Trigger trigger, DateTimeOffset from)
    {
        switch (trigger)
        {
            case AndTrigger and:
                foreach (var part in and.Triggers)
                {
                    if (Earliest(part, from) is not { } next) return null;
                    if (next > from) from = next;
                }

                return from;
            case OrTrigger or:
                return or.Triggers.Min(part => Earliest(part, from));
            case ExceptTrigger except:
                return Earliest(except.Inner, from);
            case TimesTrigger times:
                return Earliest(times.Inner, from > times.From ? from : times.From);
            default:
                return trigger.Next(from);
        }
    }

    // After it the trigger does not fire before the instant.
    static DateTimeOffset? Latest(Trigger trigger, DateTimeOffset before) => trigger switch
    {
        AndTrigger and => and.Triggers.Select(part => Latest(part, before)).Aggregate((left, right) => left < right ? left : left is null ? null : right),
        OrTrigger or => or.Triggers.Max(part => Latest(part, before)),
        ExceptTrigger except => Latest(except.Inner, before),
        TimesTrigger { Last: { } last } when last < before => last,
        TimesTrigger times => Latest(times.Inner, before),
        _ => trigger.Previous(before),
    };
}
