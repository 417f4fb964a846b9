using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The changes of jobs, the same over every store. Pure: a store applies them inside its transaction.</summary>
/// <remarks>
/// No fire time is lost in silence: what was due and unclaimed under a definition that ends, and what a given next fire time passes over, becomes entries
/// of the change. Such an entry may reach into the future, up to the next fire time that was given.
/// </remarks>
public static class JobEdits
{
    /// <summary>Adds a job, or replaces one. A definition never fires for times before it existed, except that a date may lie in the past, within its grace.</summary>
    /// <param name="job">The definition. In place of a declared one it counts as a change of it, which holds until the declaration changes.</param>
    /// <param name="replaceExisting">Whether a job of this id is replaced.</param>
    /// <param name="next">The first fire time, if it is not the trigger's.</param>
    /// <param name="paused">Whether it starts paused.</param>
    /// <exception cref="JobExistsException">The id is taken, and replacing was not asked for.</exception>
    /// <exception cref="FormatException">A next fire time is given for a job without a trigger.</exception>
    public static JobEdit Add(Job job, bool replaceExisting = false, DateTimeOffset? next = null, bool paused = false) => new(job.Id, (found, now, entries) =>
    {
        var stored = WithoutOverduePause(found, now, entries);
        if (stored is { Ended: null } && !replaceExisting) throw new JobExistsException(job.Id);
        var declared = stored is { Job.DeclaredHash: not null, Ended: not JobEnd.Retired } ? stored.Job : job;
        return Begin(stored, job with { Origin = declared.Origin, DeclaredHash = declared.DeclaredHash }, paused ? new(now) : null, next, now, entries);
    });

    /// <summary>Changes a job, all or nothing. A new trigger begins anew from now and leaves a paused job paused; another change leaves the watermark.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">The new definition, made of the old one.</param>
    /// <param name="next">Another next fire time; it ends a pause unless <paramref name="pause"/> is set.</param>
    /// <param name="pause">Whether the job is paused by this.</param>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="FormatException">The id was changed, or a next fire time is given for a job without a trigger.</exception>
    public static JobEdit Change(JobId id, Func<Job, Job> change, DateTimeOffset? next = null, bool pause = false) => OfExisting(id, (stored, now, entries) =>
    {
        var job = change(stored.Job);
        if (job.Id != id) throw new FormatException($"The id of job {id} cannot change. Add a job {job.Id} and remove this one.");
        var mark = pause ? stored.Paused ?? new(now) : next is null ? stored.Paused : null;
        if (!ReferenceEquals(job.Trigger, stored.Job.Trigger)) return Begin(stored, job, mark, next, now, entries);
        if (next is not null) return Move(stored, job, mark, next.Value.ToWholeMicros(), now, entries);
        return Same(stored, stored with { Job = job, Paused = mark });
    });

    /// <summary>Pauses a job, or changes what is said about its pause. The watermark stays.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The pause would end in the past.</exception>
    public static JobEdit Pause(JobId id, DateTimeOffset? until = null, string? by = null, string? why = null) => OfExisting(id, (stored, now, _) =>
    {
        PauseRule.CheckEnd(until, now);
        return Same(stored, stored with { Paused = new(stored.Paused?.At ?? now, until?.ToWholeMicros(), by, why) });
    });

    /// <summary>Ends a job's pause: its next fire time is the first from now on. One whose trigger yields nothing more ends.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    public static JobEdit Resume(JobId id) => OfExisting(id, (stored, now, entries) => stored.Paused is null ? stored : PauseOver(stored, now, entries));

    /// <summary>After the wall clock was set back: a job whose fire times were passed because the clock had been ahead fires from now on again. One that has run is <see cref="Reason.AlreadyRan"/>.</summary>
    /// <param name="id">Which.</param>
    /// <param name="ahead">What the clock had shown. A next fire time beyond the first one after it was given by hand, or is the trigger's own: it stays.</param>
    public static JobEdit ClockWentBack(JobId id, DateTimeOffset ahead) => new(id, (stored, now, _) =>
        stored is { Ended: null, Paused: null, Job.Trigger: { } trigger, Next: { } next } && trigger.Next(now) is { } first && first < next && first <= ahead
            && trigger.Next(ahead + FireTimes.Tick) is var after && (after is null || next <= after)
            ? stored with { Next = first }
            : stored) { TakesBack = true };

    /// <summary>Removes a job. It stays as a tombstone with its number, so that its fire times cannot run again.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    public static JobEdit Remove(JobId id) => OfExisting(id, (stored, now, entries) => End(stored, JobEnd.Removed, now, entries));

    /// <summary>Reconciles a declared job with the store.</summary>
    /// <remarks>
    /// One whose declaration is the same keeps its watermark and what was changed of it at run time; if it was removed, it stays removed, and if it is exhausted, exhausted.
    /// A changed one takes the new definition, and begins anew from now if the trigger is another. One that was retired or switched off begins anew.
    /// </remarks>
    public static JobEdit Declare(Job job) => new(job.Id, (found, now, entries) =>
    {
        if (found is null) return Begin(null, job, null, null, now, entries);
        var known = found.Job.DeclaredHash == job.DeclaredHash;
        if (known && found.Ended is null or JobEnd.Removed or JobEnd.Exhausted) return found;
        var stored = WithoutOverduePause(found, now, entries)!;
        if (stored.Ended is null && SameTrigger(job.Trigger, stored.Job.Trigger)) return stored with { Job = job with { Since = stored.Job.Since } };
        return Begin(stored, job, stored.Ended is null ? stored.Paused : null, null, now, entries);
    });

    /// <summary>Ends a job that no living node declares any more; one that has ended stays as it is.</summary>
    public static JobEdit Retire(JobId id) => new(id, (stored, now, entries) => stored is { Ended: null } ? End(stored, JobEnd.Retired, now, entries) : stored);

    /// <summary>Keeps a declared job's definition, but switched off.</summary>
    public static JobEdit SwitchOff(Job job) => new(job.Id, (stored, now, entries) => stored switch
    {
        null => new StoredJob { Job = job, Ended = JobEnd.SwitchedOff },
        { Ended: null } => End(stored, JobEnd.SwitchedOff, now, entries) with { Job = job },
        _ => Same(stored, stored with { Job = job, Ended = JobEnd.SwitchedOff }),
    });

    // A job whose trigger turns out to be exhausted by a pause that is just over was still there for whoever asks for the edit.
    static JobEdit OfExisting(JobId id, Func<StoredJob, DateTimeOffset, ICollection<Entry>, StoredJob> edit) => new(id, (found, now, entries) =>
        found is { Ended: null } ? edit(WithoutOverduePause(found, now, entries)!, now, entries) : throw new JobNotFoundException(id));

    /// <summary>A pause whose end has come is over, even if no claim has said so yet.</summary>
    static StoredJob? WithoutOverduePause(StoredJob? stored, DateTimeOffset now, ICollection<Entry> entries) =>
        stored is { Ended: null, Paused.Until: { } until } && until <= now ? PauseOver(stored, until, entries) : stored;

    static StoredJob PauseOver(StoredJob stored, DateTimeOffset end, ICollection<Entry> entries)
    {
        var (_, passed, next) = Decide.PauseOver(stored, end);
        foreach (var entry in passed) entries.Add(entry);
        return stored with { Paused = null, Next = next, Ended = EndWithout(next, stored.Job) };
    }

    /// <summary>A definition begins: what the one before left unclaimed is accounted for, and this one fires from now on.</summary>
    static StoredJob Begin(StoredJob? stored, Job job, PauseMark? mark, DateTimeOffset? given, DateTimeOffset now, ICollection<Entry> entries)
    {
        if (stored is { Ended: null })
        {
            Decide.PassedOver(stored, now, now, Reason.Rescheduled, entries);
            Decide.LeftOut(stored, now, entries);
        }
        job = job with { Since = job.Trigger is { LeavesOut: true } ? now : null };
        var begun = (stored ?? new StoredJob { Job = job }) with { Job = job, Paused = mark, Next = First(job.Trigger, now), Ended = null };
        if (given is not null) begun = Move(begun, job, mark, given.Value.ToWholeMicros(), now, entries);
        return begun with { Ended = EndWithout(begun.Next, job) };
    }

    static StoredJob Move(StoredJob stored, Job job, PauseMark? mark, DateTimeOffset next, DateTimeOffset now, ICollection<Entry> entries)
    {
        if (job.Trigger is not { } trigger)
            throw new FormatException($"Job {job.Id} has no trigger, so it has no next fire time. Ask for a run at {next:u}, or give it a trigger.");
        if (stored.Next is { } first)
        {
            Decide.PassedOver(stored, now, next < now ? next : now, Reason.Rescheduled, entries);
            if (new FireTimes(trigger, first).Stretch(job.Id, now, next, Reason.Rescheduled) is { } skipped) entries.Add(skipped);
            Decide.LeftOut(stored, next, entries);
        }
        if (trigger.LeavesOut) job = job with { Since = next };
        return stored with { Job = job, Paused = mark, Next = next, Ended = null };
    }

    static StoredJob End(StoredJob stored, JobEnd how, DateTimeOffset now, ICollection<Entry> entries)
    {
        Decide.PassedOver(stored, now, now, Decide.EndsWaiting(how)!.Value, entries);
        Decide.LeftOut(stored, now, entries);
        return stored with { Ended = how, Next = null, Paused = null };
    }

    static DateTimeOffset? First(Trigger? trigger, DateTimeOffset now) => trigger?.Next(now) ?? (trigger as DateTrigger)?.At;

    // A trigger that was read from a store is another object than the one that the program declares.
    static bool SameTrigger(Trigger? a, Trigger? b) => ReferenceEquals(a, b) || (a is not null && b is not null && Text(a) == Text(b));

    static string Text(Trigger trigger)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            TriggerJson.Write(writer, trigger, TriggerStyle.Stored);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static JobEnd? EndWithout(DateTimeOffset? next, Job job) => next is null && job.Trigger is not null ? JobEnd.Exhausted : null;

    static StoredJob Same(StoredJob before, StoredJob after) => before == after ? before : after;
}
