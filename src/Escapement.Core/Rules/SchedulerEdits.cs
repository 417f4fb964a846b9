using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A computed change of the scheduler's state, with all rows to write.</summary>
public readonly struct EditedState
{
    internal EditedState(SchedulerState before, SchedulerState after, JobAction? action, StoreSignal signal) =>
        (Before, After, Action, Signal) = (before, after, action, signal);

    /// <summary>The state before.</summary>
    internal SchedulerState Before { get; }

    /// <summary>The state after.</summary>
    public SchedulerState After { get; }

    /// <summary>The action to record, or null if nothing is recorded.</summary>
    public JobAction? Action { get; }

    /// <summary>The signal to send.</summary>
    public StoreSignal Signal { get; }

    /// <summary>True if the change must be written.</summary>
    public bool Changed => After != Before;

    /// <summary>The pause that ends with this change, or null if no pause ends.</summary>
    public PauseRecord? ClosesPause => Before.Paused is { } pause && After.Paused?.At != pause.At ? pause : null;

    /// <summary>The pause that begins with this change, or null if no pause begins.</summary>
    public PauseRecord? OpensPause => After.Paused is { } pause && pause != Before.Paused ? pause : null;

    /// <summary>Returns the state after the change, with the number of the action assigned by the store.</summary>
    public SchedulerState Numbered(long action) =>
        OpensPause is { Action: null } pause ? After with { Paused = pause with { Action = action } } : After;
}

/// <summary>Computes the changes of the scheduler's state, common to all stores. Pure.</summary>
public static class SchedulerEdits
{
    /// <summary>Returns the effect of a change: the new state, the action to record and the signal to notify.</summary>
    /// <param name="before">The state as stored.</param>
    /// <param name="edit">The change.</param>
    /// <param name="now">The store's clock.</param>
    /// <exception cref="ArgumentOutOfRangeException">The change is a pause whose end is not after
    /// <paramref name="now"/>.</exception>
    public static EditedState Apply(SchedulerState before, StateEdit edit, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(edit);
        now = now.ToWholeMicros();
        var after = edit.Edit(before, now);
        if (after == before) return new(before, before, null, StoreSignal.None);
        var action = edit.Kind is { } kind
            ? new JobAction { At = now, Kind = kind, By = edit.By, Why = edit.Why, Origin = edit.Origin, Until = after.Paused?.Until }
            : null;
        return new(before, after, action, StoreSignal.Work | (before.ShutDown == after.ShutDown ? StoreSignal.None : StoreSignal.Epoch));
    }

    /// <summary>Returns the change that pauses the whole scheduler. A second pause ends the pause that lasts and begins a new
    /// one, unless note and end are the same.</summary>
    /// <param name="until">The end of the pause, after the store's clock, or null for a pause without an end.</param>
    /// <param name="by">The author, or null if not given.</param>
    /// <param name="why">The purpose, or null if not given.</param>
    /// <remarks><see cref="Apply"/> throws <see cref="ArgumentOutOfRangeException"/> if the end has passed.</remarks>
    public static StateEdit Pause(DateTimeOffset? until = null, string? by = null, string? why = null) =>
        new(ActionKind.SchedulerPaused, (state, now) =>
    {
        PauseRule.CheckEnd(until, now);
        PauseRecord pause = new() { At = now, Until = until?.ToWholeMicros(), By = by, Why = why };
        var open = PauseOver(state, now);
        return PauseRule.Repeats(open.Paused, pause) ? open : Ended(open, now) with { Paused = pause };
    })
        {
            By = by,
            Why = why,
        };

    /// <summary>The change that ends the current pause. Changes nothing if the scheduler is not paused.</summary>
    public static StateEdit Resume { get; } =
        new(ActionKind.SchedulerResumed, (state, now) => Ended(PauseOver(state, now), now));

    /// <summary>The change that shuts the scheduler down. Changes nothing if the scheduler is shut down.</summary>
    public static StateEdit ShutDown { get; } = new(ActionKind.SchedulerShutDown, (state, now) =>
        state.ShutDown is null ? state with { ShutDown = now } : state);

    /// <summary>The change that starts a scheduler after a shutdown.</summary>
    public static StateEdit Start { get; } = new(ActionKind.SchedulerStarted, (state, _) => state with { ShutDown = null });

    /// <summary>Returns the state without a pause whose end has come. A claim also ends such a pause.</summary>
    internal static SchedulerState PauseOver(SchedulerState state, DateTimeOffset now) =>
        state.Paused is { Until: { } until } && until <= now ? Ended(state, until) : state;

    static SchedulerState Ended(SchedulerState state, DateTimeOffset end) => state is { Paused: { } mark, PausedSince: { } since }
        ? state with { Paused = null, PausedBefore = new(since, end) { Action = mark.Action } }
        : state;
}

static class PauseRule
{
    /// <summary>Returns true if a pause repeats the note and the end of a pause of the same scope that lasts.</summary>
    public static bool Repeats(PauseRecord? lasting, PauseRecord pause) =>
        lasting is not null && lasting with { At = pause.At, Action = null } == pause;

    /// <summary>Refuses a pause whose end has passed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The end is not after <paramref name="now"/>.</exception>
    public static void CheckEnd(DateTimeOffset? until, DateTimeOffset now)
    {
        if (until <= now)
        {
            throw new ArgumentOutOfRangeException(nameof(until), until,
                $"The pause would end at {until:u}, which is not after the current time {now:u}. Set an instant in the future, or no end.");
        }
    }
}
