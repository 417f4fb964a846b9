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
/// of the change. Such an entry may reach into the future, up to the next fire time that was given. And none is told twice: what a change makes due once more,
/// or takes out of the future, loses its entry.
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
    public static JobEdit Add(Job job, bool replaceExisting = false, DateTimeOffset? next = null, bool paused = false) => new(job.Id, (found, account) =>
    {
        var stored = WithoutOverduePause(found, account);
        if (stored is { Ended: null } && !replaceExisting) throw new JobExistsException(job.Id);
        var declared = stored is { Job.DeclaredHash: not null, Ended: not JobEnd.Retired } ? stored.Job : job;
        return Begin(stored, job with { Origin = declared.Origin, DeclaredHash = declared.DeclaredHash }, paused ? new(account.Now) : null, next, account);
    });

    /// <summary>Changes a job, all or nothing. A new trigger begins anew from now and leaves a paused job paused; another change leaves the watermark.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">The new definition, made of the old one.</param>
    /// <param name="next">Another next fire time; it ends a pause unless <paramref name="pause"/> is set.</param>
    /// <param name="pause">Whether the job is paused by this.</param>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="FormatException">The id was changed, or a next fire time is given for a job without a trigger.</exception>
    public static JobEdit Change(JobId id, Func<Job, Job> change, DateTimeOffset? next = null, bool pause = false) => OfExisting(id, (stored, account) =>
    {
        var job = change(stored.Job);
        if (job.Id != id) throw new FormatException($"The id of job {id} cannot change. Add a job {job.Id} and remove this one.");
        var mark = pause ? stored.Paused ?? new(account.Now) : next is null ? stored.Paused : null;
        if (!ReferenceEquals(job.Trigger, stored.Job.Trigger)) return Begin(stored, job, mark, next, account);
        if (next is not null) return Move(stored, job, mark, next.Value.ToWholeMicros(), account);
        return Same(stored, stored with { Job = job, Paused = mark });
    });

    /// <summary>Pauses a job, or changes what is said about its pause. The watermark stays.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The pause would end in the past.</exception>
    public static JobEdit Pause(JobId id, DateTimeOffset? until = null, string? by = null, string? why = null) => OfExisting(id, (stored, account) =>
    {
        PauseRule.CheckEnd(until, account.Now);
        return Same(stored, stored with { Paused = new(stored.Paused?.At ?? account.Now, until?.ToWholeMicros(), by, why) });
    });

    /// <summary>Ends a job's pause: its next fire time is the first from now on. One whose trigger yields nothing more ends.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    public static JobEdit Resume(JobId id) => OfExisting(id, (stored, account) => stored.Paused is null ? stored : PauseOver(stored, account.Now, account));

    /// <summary>After the wall clock was set back: a job whose fire times were passed because the clock had been ahead fires from now on again. One that has run is <see cref="Reason.AlreadyRan"/>.</summary>
    /// <remarks>A job that is paused stays so, from now on if that was only to come. One whose trigger had ended by the clock that was ahead, and has not by this one, goes on.</remarks>
    /// <param name="id">Which.</param>
    /// <param name="ahead">What the clock had shown. A next fire time beyond the first one after it was given by hand, or is the trigger's own: it stays.</param>
    public static JobEdit ClockWentBack(JobId id, DateTimeOffset ahead) => new(id, (stored, account) =>
    {
        if (stored is not { Ended: null or JobEnd.Exhausted, Job.Trigger: { } trigger }) return stored;
        if (trigger.Next(account.Now) is not { } first || first >= stored.Next || first > ahead || stored.Next > trigger.Next(ahead.JustAfter())) return stored;

        // What the trigger leaves out before it will be told with it.
        account.Forget(trigger, trigger.LeavesOut && trigger.Previous(first) is { } last ? last.JustAfter() : first);
        var pause = stored.Paused is { } mark && mark.At > account.Now ? mark with { At = account.Now } : stored.Paused;
        return stored with { Next = first, Paused = pause, Ended = null };
    });

    /// <summary>Removes a job. It stays as a tombstone with its number, so that its fire times cannot run again.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    public static JobEdit Remove(JobId id) => OfExisting(id, (stored, account) => End(stored, JobEnd.Removed, account));

    /// <summary>Reconciles a declared job with the store.</summary>
    /// <remarks>
    /// One whose declaration is the same keeps its watermark and what was changed of it at run time; if it was removed, it stays removed, and if it is exhausted, exhausted.
    /// A changed one takes the new definition, and begins anew from now if the trigger is another. One that was retired or switched off begins anew.
    /// </remarks>
    public static JobEdit Declare(Job job) => new(job.Id, (found, account) =>
    {
        if (found is null) return Begin(null, job, null, null, account);
        var known = found.Job.DeclaredHash == job.DeclaredHash;
        if (known && found.Ended is null or JobEnd.Removed or JobEnd.Exhausted) return found;
        var stored = WithoutOverduePause(found, account)!;
        if (stored.Ended is null && SameTrigger(job.Trigger, stored.Job.Trigger)) return stored with { Job = job with { Since = stored.Job.Since } };
        return Begin(stored, job, stored.Ended is null ? stored.Paused : null, null, account);
    });

    /// <summary>Ends a job that no living node declares any more; one that has ended stays as it is.</summary>
    public static JobEdit Retire(JobId id) => new(id, (stored, account) => stored is { Ended: null } ? End(stored, JobEnd.Retired, account) : stored);

    /// <summary>Keeps a declared job's definition, but switched off.</summary>
    public static JobEdit SwitchOff(Job job) => new(job.Id, (stored, account) => stored switch
    {
        null => new StoredJob { Job = job, Ended = JobEnd.SwitchedOff },
        { Ended: null } => End(stored, JobEnd.SwitchedOff, account) with { Job = job },
        _ => Same(stored, stored with { Job = job, Ended = JobEnd.SwitchedOff }),
    });

    // A job whose trigger turns out to be exhausted by a pause that is just over was still there for whoever asks for the edit.
    static JobEdit OfExisting(JobId id, Func<StoredJob, JobAccount, StoredJob> edit) => new(id, (found, account) =>
        found is { Ended: null } ? edit(WithoutOverduePause(found, account)!, account) : throw new JobNotFoundException(id));

    /// <summary>A pause whose end has come is over, even if no claim has said so yet.</summary>
    static StoredJob? WithoutOverduePause(StoredJob? stored, JobAccount account) =>
        stored is { Ended: null, Paused.Until: { } until } && until <= account.Now ? PauseOver(stored, until, account) : stored;

    static StoredJob PauseOver(StoredJob stored, DateTimeOffset end, JobAccount account)
    {
        var (_, passed, next) = Decide.PauseOver(stored, end, account.Ran);
        foreach (var entry in passed) account.Add(entry);
        return stored with { Paused = null, Next = next, Ended = EndWithout(next, stored.Job) };
    }

    /// <summary>A definition begins: what the one before left unclaimed is accounted for, and this one fires from now on, or from a given time.</summary>
    static StoredJob Begin(StoredJob? stored, Job job, PauseMark? mark, DateTimeOffset? given, JobAccount account)
    {
        var now = account.Now;
        if (stored is { Ended: null })
        {
            Decide.PassedOver(stored, account, now, Reason.Rescheduled);
            Decide.LeftOut(stored, now, account);
        }
        var next = First(job.Trigger, now);
        account.Forget(stored?.Job.Trigger, next < now ? next.Value : now);
        job = job with { Since = job.Trigger is { LeavesOut: true } ? now : null };
        var begun = (stored ?? new StoredJob { Job = job }) with { Job = job, Paused = mark, Next = next, Ended = null };
        if (given is not null) begun = Move(begun, job, mark, given.Value.ToWholeMicros(), account);
        return begun with { Ended = EndWithout(begun.Next, job) };
    }

    static StoredJob Move(StoredJob stored, Job job, PauseMark? mark, DateTimeOffset next, JobAccount account)
    {
        if (job.Trigger is not { } trigger)
            throw new FormatException($"Job {job.Id} has no trigger, so it has no next fire time. Ask for a run at {next:u}, or give it a trigger.");
        account.Forget(trigger, next);
        if (stored.Next is { } first)
        {
            var now = account.Now;
            Decide.PassedOver(stored, account, next < now ? next : now, Reason.Rescheduled);
            Decide.Pass(stored, new(trigger, first), (now, next), Reason.Rescheduled, account);
            Decide.LeftOut(stored, next, account);
        }
        // What is given is a fire time also where the trigger leaves it out.
        if (trigger.LeavesOut) job = job with { Since = next.JustAfter() };
        return stored with { Job = job, Paused = mark, Next = next, Ended = null };
    }

    static StoredJob End(StoredJob stored, JobEnd how, JobAccount account)
    {
        Decide.PassedOver(stored, account, account.Now, Decide.EndsWaiting(how)!.Value);
        Decide.LeftOut(stored, account.Now, account);
        account.Forget(stored.Job.Trigger, account.Now);
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
