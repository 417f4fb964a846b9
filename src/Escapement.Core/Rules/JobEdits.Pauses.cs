using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

public static partial class JobEdits
{
    /// <summary>Pauses a job. A second pause ends the pause that lasts and begins a new one, so that each fire time is told with
    /// the pause that held it. The same note and end again change nothing.</summary>
    /// <remarks>A job whose last fire time passed in the pause before ends.</remarks>
    /// <exception cref="JobNotFoundException">The job does not exist or has ended.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The pause would end in the past.</exception>
    public static JobEdit Pause(JobId id, DateTimeOffset? until = null, string? by = null, string? why = null) =>
        OfExisting(id, ActionKind.Paused, (found, now, searches) =>
    {
        PauseRule.CheckEnd(until, now);
        PauseRecord mark = new() { At = now, Until = until?.ToWholeMicros(), By = by, Why = why };
        if (PauseRule.Repeats(found.Paused, mark)) return found;
        var stored = Unpaused(found, now, searches);
        return stored.Ended is null ? stored with { Paused = mark } : stored;
    }) with
        { By = by, Why = why };

    /// <summary>Pauses a job that failed as many times in a row as it allows. A job without a trigger has no fire time to
    /// skip, and is not paused.</summary>
    internal static JobEdit PauseAfterFailures(JobId id, int failures, string why) =>
        new(id, ActionKind.PausedAfterFailures, (stored, now) => stored is { Ended: null, Paused: null, Job.Trigger: not null }
            ? stored with { Paused = new() { At = now, By = "escapement", Why = why, AfterFailures = failures } }
            : stored)
        { By = "escapement", Why = why };

    /// <summary>Ends a job's own pause. The next fire time is the first fire time from now on. A job without a further fire
    /// time ends, and a job whose tag or executor is paused stays paused.</summary>
    /// <exception cref="JobNotFoundException">The job does not exist or has ended.</exception>
    public static JobEdit Resume(JobId id) =>
        OfExisting(id, ActionKind.Resumed, Unpaused);

    /// <summary>Skips the next fire time of a job. A job without a further fire time ends.</summary>
    /// <param name="id">The job.</param>
    /// <param name="by">The author, or null if not given.</param>
    /// <param name="why">The author's explanation, or null if not given.</param>
    /// <exception cref="JobNotFoundException">The job does not exist or has ended.</exception>
    /// <exception cref="JobPausedException">The job is paused.</exception>
    /// <exception cref="FormatException">The job has no trigger.</exception>
    public static JobEdit SkipNext(JobId id, string? by = null, string? why = null) =>
        OfExisting(id, ActionKind.SkippedNext, (stored, _, searches) =>
        {
            if (stored.Job.Trigger is null || stored.Next is not { } skipped)
            {
                throw new FormatException(stored.Job.Error ?? $"Job {id} has no trigger, so it has no fire time to skip.");
            }

            if (stored.Paused is not null)
            {
                throw new JobPausedException(id, $"Job {id} is paused, so it skips all fire times. Resume the job first.");
            }

            var next = searches.Next(stored, skipped.JustAfter());

            // A search that was prepared for an earlier watermark is prepared again.
            if (next <= skipped) throw new SearchTooLongException();
            return stored with { State = stored.State.WithNext(next), Ended = EndWithout(next, stored.Job) };
        }) with
        { By = by, Why = why };

    /// <summary>Returns the change of a job whose tag or executor is paused or resumed. The marks follow from the open
    /// pauses.</summary>
    internal static JobEdit FollowScope(JobId id, bool pauses, PauseScope scope, string name)
    {
        PreparedSearches searches = new();
        return new(id, pauses ? ActionKind.Paused : ActionKind.Resumed, (stored, now) =>
            stored is { Ended: null } ? WithoutOverduePause(stored, now, searches) : stored)
        { Searches = searches, Scope = scope, ScopeName = name };
    }

    /// <summary>Returns the number of failures in a row after a change. The end of the job's pause after failures resets the
    /// count, and so does the return of an ended job.</summary>
    static int FailuresAfter(StoredJob? before, StoredJob after) =>
        after.Paused is not { AfterFailures: not null } && before is { Paused.AfterFailures: not null } or { Ended: not null } ? 0 : after.Failures;

    /// <summary>Refuses to resume a job alone whose tag or executor is paused.</summary>
    static void CheckResume(StoredJob? before, JobEdit edit, IReadOnlyList<ScopedPause> scopes, DateTimeOffset now)
    {
        if (edit is not { Kind: ActionKind.Resumed, Scope: null } || before?.Paused is not { Scope: not null } mark
            || ScopedPauses.Of(mark, scopes, now) is not { } pause)
        {
            return;
        }

        var scope = pause.Scope == PauseScope.Tag ? "tag" : "executor";
        throw new JobPausedException(edit.Job,
            $"Job {edit.Job} is paused because its {scope} '{Printable.Shown(pause.Name, JobId.MaxLength)}' was paused at {pause.Pause.At:u}{(pause.Pause.By is { } by ? $" by {Printable.Shown(by)}" : "")}{(pause.Pause.Why is { } why ? $": {Printable.Shown(why)}" : "")}. Resume the {scope}, or take the job out of it.");
    }

    /// <summary>Returns a changed job with the mark of its paused tag or executor. A job without a paused scope is
    /// resumed. A pause of the job itself takes precedence. Where another pause takes over, fire times before belong to the pause
    /// that held the job. If that pause has expired, the mark begins at its end, as in a claim.</summary>
    static StoredJob Marked(
        StoredJob? before, StoredJob after, IReadOnlyList<ScopedPause> scopes, DateTimeOffset now, PreparedSearches searches)
    {
        if (after.Ended is not null || after.Paused is { Scope: null }) return after;
        if (after.Paused is null && scopes.Count == 0) return after;
        var held = after.Paused ?? before?.Paused;
        var from = before is { Ended: null, Paused.Until: { } expired } && expired < now ? expired : now;
        var mark = ScopedPauses.MarkOf(after.Job, scopes, held, from, now);
        if (mark is not null && from < now && !ScopedPauses.Has(mark.Scope!.Value, mark.Name!, before!.Job.Options)) mark = mark with { At = now };
        if (mark == after.Paused) return after;
        if (after.Paused is { } over && over.At != mark?.At) after = PauseOver(after, over.Until < now ? over.Until.Value : now, searches);
        return after.Ended is null ? after with { Paused = mark } : after;
    }

    /// <summary>Applies the end of an expired pause, even if no claim has recorded the end yet.</summary>
    static StoredJob WithoutOverduePause(StoredJob stored, DateTimeOffset now, PreparedSearches searches) =>
        stored is { Ended: null, Paused.Until: { } until } && until <= now ? PauseOver(stored, until, searches) : stored;

    /// <summary>Ends the pause of a job, if there is one. The watermark moves, so that the action accounts for the fire times
    /// before, and a later pause for later fire times.</summary>
    static StoredJob Unpaused(StoredJob stored, DateTimeOffset now, PreparedSearches searches) =>
        stored.Paused is null ? stored : PauseOver(stored, now, searches);

    static StoredJob PauseOver(StoredJob stored, DateTimeOffset end, PreparedSearches searches)
    {
        if (stored.Next is not { } next || stored.Job.Trigger is null) return stored with { Paused = null };
        var from = next >= end ? next : searches.Next(stored, end);
        return stored with { Paused = null, State = stored.State.WithNext(from), Ended = EndWithout(from, stored.Job) };
    }
}
