using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A computed change of the scheduler state.</summary>
/// <param name="Before">The state before.</param>
/// <param name="After">The state after.</param>
/// <param name="Action">The recorded action, or null if nothing is recorded.</param>
/// <param name="Signal">The signal to send.</param>
public readonly record struct EditedState(SchedulerState Before, SchedulerState After, JobAction? Action, StoreSignal Signal)
{
    /// <summary>True if the change must be written.</summary>
    public bool Changed => After != Before;

    /// <summary>The pause that ends with this change, or null.</summary>
    public PauseRecord? ClosesPause => Before.Paused is { } pause && After.Paused?.At != pause.At ? pause : null;

    /// <summary>The pause that begins with this change, or whose note changes, or null.</summary>
    public PauseRecord? OpensPause => After.Paused is { } pause && pause != Before.Paused ? pause : null;

    /// <summary>Returns the changed state with the action number assigned by the store.</summary>
    public SchedulerState Numbered(long action) =>
        OpensPause is { Action: null } pause ? After with { Paused = pause with { Action = action } } : After;
}

/// <summary>The changes of the scheduler state, common to all stores. Pure.</summary>
static class SchedulerEdits
{
    /// <summary>Computes a change.</summary>
    public static EditedState Apply(SchedulerState before, StateEdit edit, DateTimeOffset now)
    {
        now = now.ToWholeMicros();
        var after = edit.Edit(before, now);
        if (after == before) return new(before, before, null, StoreSignal.None);
        var action = edit.Kind is { } kind
            ? new JobAction { At = now, Kind = kind, By = edit.By, Why = edit.Why, Until = after.Paused?.Until }
            : null;
        return new(before, after, action, StoreSignal.Work | (before.ShutDown == after.ShutDown ? StoreSignal.None : StoreSignal.Epoch));
    }

    /// <summary>Pauses the whole scheduler, or changes the note of its pause.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The pause would end in the past.</exception>
    public static StateEdit Pause(DateTimeOffset? until = null, string? by = null, string? why = null) =>
        new(ActionKind.SchedulerPaused, (state, now) =>
    {
        PauseRule.CheckEnd(until, now);
        var open = PauseOver(state, now);
        return open with
        {
            Paused = new PauseRecord
            {
                At = open.Paused?.At
            ?? now,
                Until = until?.ToWholeMicros(),
                By = by,
                Why = why,
                Action = open.Paused?.Action
            }
        };
    })
        {
            By = by,
            Why = why,
        };

    /// <summary>Ends the pause. No change without a pause.</summary>
    public static StateEdit Resume { get; } = new(ActionKind.SchedulerResumed, (state, now) =>
        PauseOver(state, now) is { Paused: { } mark } paused
            ? paused with { Paused = null, PausedBefore = new(mark.At, now) { Action = mark.Action } }
            : PauseOver(state, now));

    /// <summary>Shuts the scheduler down. No change if the scheduler is already shut down.</summary>
    public static StateEdit ShutDown { get; } = new(ActionKind.SchedulerShutDown, (state, now) =>
        state.ShutDown is null ? state with { ShutDown = now } : state);

    /// <summary>Starts a scheduler that was shut down.</summary>
    public static StateEdit Start { get; } = new(ActionKind.SchedulerStarted, (state, _) => state with { ShutDown = null });

    /// <summary>Returns the state without an expired pause. A claim makes the same change.</summary>
    public static SchedulerState PauseOver(SchedulerState state, DateTimeOffset now) =>
        state.Paused is { Until: { } until } mark && until <= now
        ? state with { Paused = null, PausedBefore = new(mark.At, until) { Action = mark.Action } }
        : state;
}

static class PauseRule
{
    /// <summary>Rejects a pause with an end in the past.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The end is in the past.</exception>
    public static void CheckEnd(DateTimeOffset? until, DateTimeOffset now)
    {
        if (until <= now)
        {
            throw new ArgumentOutOfRangeException(nameof(until), until,
                $"The pause would end at {until:u}, which is in the past (now: {now:u}). Set an instant in the future, or none for an indefinite pause.");
        }
    }
}
