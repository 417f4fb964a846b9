using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The changes of the scheduler's marks, the same over every store. Pure.</summary>
static class SchedulerEdits
{
    /// <summary>Pauses the whole scheduler, or changes what is said about its pause.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It would end in the past.</exception>
    public static Func<SchedulerState, DateTimeOffset, SchedulerState> Pause(DateTimeOffset? until = null, string? by = null, string? why = null) =>
        (state, now) =>
        {
            PauseRule.CheckEnd(until, now);
            var open = PauseOver(state, now);
            return open with { Paused = new(open.Paused?.At ?? now, until, by, why) };
        };

    /// <summary>Ends the pause, if there is one.</summary>
    public static SchedulerState Resume(SchedulerState state, DateTimeOffset now) =>
        PauseOver(state, now) is { Paused: { } mark } paused ? paused with { Paused = null, PausedBefore = new(mark.At, now) } : PauseOver(state, now);

    /// <summary>Ends a pause whose end has come; the claim does so too.</summary>
    public static SchedulerState PauseOver(SchedulerState state, DateTimeOffset now) => state.Paused is { Until: { } until } mark && until <= now
        ? state with { Paused = null, PausedBefore = new(mark.At, until) }
        : state;

    /// <summary>Shuts the scheduler down; the same state if it is so already.</summary>
    public static SchedulerState ShutDown(SchedulerState state, DateTimeOffset now) => state.ShutDown is null ? state with { ShutDown = now } : state;

    /// <summary>Starts a scheduler that was shut down.</summary>
    public static SchedulerState Start(SchedulerState state, DateTimeOffset now) => state with { ShutDown = null };
}

static class PauseRule
{
    /// <summary>Refuses a pause that would be over before it begins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It would.</exception>
    public static void CheckEnd(DateTimeOffset? until, DateTimeOffset now)
    {
        if (until <= now)
            throw new ArgumentOutOfRangeException(nameof(until), until, $"The pause would end at {until:u}, which is past: it is {now:u}. Give an instant in the future, or none for a pause without an end.");
    }
}
