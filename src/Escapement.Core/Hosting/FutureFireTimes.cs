using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Rejects triggers whose jobs would never run.</summary>
static class FutureFireTimes
{
    /// <summary>Checks the trigger of a job that is added now. A date in the past is allowed, and is due at once.</summary>
    /// <exception cref="FormatException">The trigger has no fire time from now on.</exception>
    public static void Check(Trigger? trigger, DateTimeOffset now)
    {
        if (trigger is null or DateTrigger || trigger.Next(now) is not null) return;
        throw new FormatException(
            $"The trigger '{Printable.Shown(trigger.ToString())}' has no future fire time, so the job would never run. Correct the trigger, or leave it out for a job that runs only on request.");
    }

    /// <summary>Checks the trigger of a job that every start of the program declares again. A trigger whose last fire
    /// time is over is allowed.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="triggerAt">Returns the trigger as built at an earlier start of the program.</param>
    /// <param name="now">The start of the program.</param>
    /// <exception cref="FormatException">The trigger never had and will never have a fire time.</exception>
    public static void CheckDeclared(Trigger? trigger, Func<DateTimeOffset, Trigger?> triggerAt, DateTimeOffset now)
    {
        if (trigger is null or DateTrigger || trigger.Next(now) is not null) return;
        if (triggerAt(DateTimeOffset.UnixEpoch)?.Next(DateTimeOffset.UnixEpoch) is null) Check(trigger, now);
    }
}
