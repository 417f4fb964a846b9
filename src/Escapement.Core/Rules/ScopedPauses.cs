using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Finds the pause of a tag or an executor that applies to a job. Pure.</summary>
public static class ScopedPauses
{
    /// <summary>Returns true if a pause is of a tag or an executor, and lasts.</summary>
    /// <param name="pause">The pause.</param>
    /// <param name="now">The store's clock.</param>
    public static bool IsOpen(ScopedPause pause, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pause);
        return pause is { Scope: PauseScope.Tag or PauseScope.Executor, Ended: null } && !(pause.Pause.Until <= now);
    }

    /// <summary>Returns a pause with its end: the pause of a tag or an executor ends by itself, without a write.</summary>
    /// <param name="pause">The pause as stored.</param>
    /// <param name="now">The store's clock.</param>
    public static ScopedPause Seen(ScopedPause pause, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pause);
        return pause is { Scope: PauseScope.Tag or PauseScope.Executor, Ended: null, Pause.Until: { } until } && until <= now
            ? new() { Scope = pause.Scope, Name = pause.Name, Pause = pause.Pause, Ended = until }
            : pause;
    }

    /// <summary>Returns true if a tag or an executor has a job.</summary>
    internal static bool Has(PauseScope scope, string name, JobOptions options) => scope switch
    {
        PauseScope.Tag => options.Tags.Contains(name),
        PauseScope.Executor => options.Executor == name,
        _ => false,
    };

    /// <summary>Returns the mark on a job by the open pauses, or null if no open pause applies to the job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="open">The pauses of tags and executors.</param>
    /// <param name="held">The job's mark by such a pause, or null. The job keeps the mark while the pause lasts. A
    /// second pause of the same scope makes a new mark.</param>
    /// <param name="from">The earliest beginning of a new mark. A mark begins no earlier than its pause.</param>
    /// <param name="now">The store's clock.</param>
    internal static PauseRecord? MarkOf(
        Job job, IReadOnlyList<ScopedPause> open, PauseRecord? held, DateTimeOffset from, DateTimeOffset now)
    {
        ScopedPause? found = null;
        foreach (var pause in open)
        {
            if (!IsOpen(pause, now) || !Has(pause.Scope, pause.Name, job.Options)) continue;

            // An expired mark stems from an earlier pause of the same scope, whose end no claim has recorded yet.
            if (IsOf(held, pause) && !(held!.Until <= now)) return Mark(pause, held.Action == pause.Pause.Action ? held.At : from);
            if (found is null || pause.Pause.At < found.Pause.At) found = pause;
        }

        return found is null ? null : Mark(found, from);
    }

    /// <summary>Returns the open pause that a mark on a job stems from, or null.</summary>
    internal static ScopedPause? Of(PauseRecord mark, IReadOnlyList<ScopedPause> open, DateTimeOffset now) =>
        open.FirstOrDefault(pause => IsOf(mark, pause) && IsOpen(pause, now));

    static bool IsOf(PauseRecord? mark, ScopedPause pause) => mark is not null && mark.Scope == pause.Scope && mark.Name == pause.Name;

    static PauseRecord Mark(ScopedPause pause, DateTimeOffset at) =>
        pause.Pause with { At = at > pause.Pause.At ? at : pause.Pause.At, Scope = pause.Scope, Name = pause.Name };
}
