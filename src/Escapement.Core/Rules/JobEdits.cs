using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The changes of jobs, the same over every store. Pure: a store applies them inside its transaction.</summary>
/// <remarks>
/// An edit counts nothing and writes no entry: the action that it leaves says how far it moved the watermark, and under which definition. What was due and
/// unclaimed is accounted for by that.
/// </remarks>
public static class JobEdits
{
    /// <summary>Thinks a change through.</summary>
    /// <param name="before">The job as it stands; null when the id was never used.</param>
    /// <param name="edit">The change.</param>
    /// <param name="now">The store's clock, read inside the transaction.</param>
    /// <exception cref="InvalidOperationException">The editor answered another job.</exception>
    public static EditedJob Apply(StoredJob? before, JobEdit edit, DateTimeOffset now)
    {
        now = now.ToWholeMicros();
        var after = edit.Edit(before, now);
        if (after is null || ReferenceEquals(before, after)) return new() { Before = before, After = after };
        if (after.Job.Id != edit.Job) throw new InvalidOperationException($"An edit of job {edit.Job} answered job {after.Job.Id}.");

        var state = before?.State ?? JobState.None;
        after = after with
        {
            Number = before?.Number ?? 0,
            Version = (before?.Version ?? 0) + 1,
            MarkedAt = now,
            State = after.State with { Running = state.Running, Last = state.Last, Change = state.Change + 1 },
        };
        // An exhausted job still accounts for what its trigger yielded.
        var (had, has) = (before is { Ended: null or JobEnd.Exhausted }, after.Ended is null or JobEnd.Exhausted);
        var changed = before is null || !ReferenceEquals(before.Job, after.Job);
        var begins = has && (changed || !had || before!.Next is not { } next || after.Next < next);
        var (closes, opens) = Border(before, after, now);
        var ends = before is null ? null : RunEnds.EndsWaiting(after.Ended);
        return new()
        {
            Before = before,
            After = after,
            Changed = true,
            DefinitionChanged = changed,
            ClosesDefinitionAt = before is not null && begins ? Earlier(closes, opens) : had && !has ? now : null,
            OpensDefinitionFrom = begins ? opens : null,
            Waiting = before is null ? WaitingFate.Stay : ends is not null ? WaitingFate.End : FollowsWaiting(before, after)
                ? WaitingFate.Follow
                : WaitingFate.Stay,
            EndsWaiting = ends,
            Action = new()
            {
                At = now,
                Kind = edit.Kind,
                Job = edit.Job,
                Change = after.State.Change,
                Version = after.Version,
                From = had ? before!.Next : null,
                To = has ? after.Next : null,
                By = edit.By,
                Why = edit.Why,
                Until = edit.Kind == ActionKind.Paused ? after.Paused?.Until : null,
            },
            Signal = StoreSignal.Work,
        };
    }

    /// <summary>Adds a job, or replaces one. A definition never fires for times before it existed, except that a date may lie in the past, within its grace.</summary>
    /// <param name="job">The definition. In place of a declared one it counts as a change of it, which holds until the declaration changes.</param>
    /// <param name="replaceExisting">Whether a job of this id is replaced.</param>
    /// <param name="next">The first fire time, if it is not the trigger's.</param>
    /// <param name="paused">Whether it starts paused.</param>
    /// <exception cref="JobExistsException">The id is taken, and replacing was not asked for.</exception>
    /// <exception cref="FormatException">A next fire time is given for a job without a trigger.</exception>
    public static JobEdit Add(Job job, bool replaceExisting = false, DateTimeOffset? next = null, bool paused = false)
    {
        PreparedSearches searches = new();
        return new(job.Id, ActionKind.Added, (stored, now) =>
        {
            if (stored is { Ended: null } && !replaceExisting) throw new JobExistsException(job.Id);
            var declared = stored is { Job.DeclaredHash: not null, Ended: not JobEnd.Retired } ? stored.Job : job;
            return Begin(stored, job with { Origin = declared.Origin, DeclaredHash = declared.DeclaredHash }, paused
                ? new() { At = now }
                : null, next, now, searches);
        })
        { Searches = searches };
    }

    /// <summary>Changes a job, all or nothing. A new trigger begins anew from now and leaves a paused job paused; another change leaves the watermark.</summary>
    /// <param name="id">The job.</param>
    /// <param name="change">The new definition, made of the old one.</param>
    /// <param name="next">Another next fire time; it ends a pause unless <paramref name="pause"/> is set.</param>
    /// <param name="pause">Whether the job is paused by this.</param>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="FormatException">The id was changed, or a next fire time is given for a job without a trigger.</exception>
    public static JobEdit Change(JobId id, Func<Job, Job> change, DateTimeOffset? next = null, bool pause = false) =>
        OfExisting(id, ActionKind.Changed, (stored, now, searches) =>
        {
            var job = change(stored.Job);
            if (job.Id != id) throw new FormatException($"The id of job {id} cannot change. Add a job {job.Id} and remove this one.");
            PauseRecord? mark = pause ? stored.Paused ?? new() { At = now } : next is null ? stored.Paused : null;
            if (!ReferenceEquals(job.Trigger, stored.Job.Trigger)) return Begin(stored, job, mark, next, now, searches);
            if (next is not null) return Move(stored, job, mark, next.Value.ToWholeMicros());
            return Same(stored, stored with { Job = job == stored.Job ? stored.Job : job, Paused = mark });
        });

    /// <summary>Pauses a job, or changes what is said about its pause. The watermark stays.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The pause would end in the past.</exception>
    public static JobEdit Pause(JobId id, DateTimeOffset? until = null, string? by = null, string? why = null) =>
        OfExisting(id, ActionKind.Paused, (stored, now, _) =>
    {
        PauseRule.CheckEnd(until, now);
        var mark = new PauseRecord
        {
            At = stored.Paused?.At
            ?? now,
            Until = until?.ToWholeMicros(),
            By = by,
            Why = why,
            Action = stored.Paused?.Action
        };
        return Same(stored, stored with { Paused = mark });
    }) with
        { By = by, Why = why };

    /// <summary>Ends a job's pause: its next fire time is the first from now on. A job whose trigger yields nothing more ends.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    public static JobEdit Resume(JobId id) =>
        OfExisting(id, ActionKind.Resumed, (stored, now, searches) => stored.Paused is null ? stored : PauseOver(stored, now, searches));

    /// <summary>After the wall clock was set back: a job whose fire times were passed because the clock had been ahead fires from now on again. A fire time that ran does not run again.</summary>
    /// <remarks>A job that is paused stays so, from now on if that was only to come. A job whose trigger had ended by the clock that was ahead, and has not by this one, goes on.</remarks>
    /// <param name="id">The job.</param>
    /// <param name="ahead">What the clock had shown. A next fire time beyond the first one after it was given by hand, or is the trigger's own: it stays.</param>
    public static JobEdit ClockWentBack(JobId id, DateTimeOffset ahead)
    {
        PreparedSearches searches = new();
        return new(id, ActionKind.ClockWentBack, (stored, now) =>
        {
            if (stored is not { Ended: null or JobEnd.Exhausted, Job.Trigger: not null }) return stored;
            if (searches.Next(stored, now) is not { } first || first >= stored.Next || first > ahead
                || stored.Next > searches.Next(stored, ahead.JustAfter()))
            {
                return stored;
            }

            var pause = stored.Paused is { } mark && mark.At > now ? mark with { At = now } : stored.Paused;
            return stored with { State = stored.State.WithNext(first), Paused = pause, Ended = null };
        })
        { Searches = searches };
    }

    /// <summary>Removes a job. It stays as a tombstone with its number, so that its fire times cannot run again.</summary>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    public static JobEdit Remove(JobId id) => OfExisting(id, ActionKind.Removed, (stored, _, _) => End(stored, JobEnd.Removed));

    /// <summary>Reconciles a declared job with the store.</summary>
    /// <remarks>
    /// A job whose declaration is the same keeps its watermark and what was changed of it at run time; if it was removed, it stays removed, and if it is exhausted, exhausted.
    /// A changed declaration is taken over, and begins anew from now if the trigger is another. A job that was retired or switched off begins anew.
    /// </remarks>
    public static JobEdit Declare(Job job)
    {
        PreparedSearches searches = new();
        return new(job.Id, ActionKind.Declared, (found, now) =>
        {
            if (found is null) return Begin(null, job, null, null, now, searches);
            var known = found.Job.DeclaredHash == job.DeclaredHash;
            if (known && found.Ended is null or JobEnd.Removed or JobEnd.Exhausted) return found;
            var stored = WithoutOverduePause(found, now, searches);
            if (stored.Ended is null
                && SameTrigger(job.Trigger, stored.Job.Trigger))
            {
                return stored with { Job = job with { Trigger = stored.Job.Trigger } };
            }

            return Begin(stored, job, stored.Ended is null ? stored.Paused : null, null, now, searches);
        })
        { Searches = searches };
    }

    /// <summary>Ends a job that no living node declares; a job that has ended stays as it is.</summary>
    public static JobEdit Retire(JobId id) =>
        new(id, ActionKind.Retired, (stored, _) => stored is { Ended: null } ? End(stored, JobEnd.Retired) : stored);

    /// <summary>Keeps a declared job's definition, but switched off.</summary>
    public static JobEdit SwitchOff(Job job) => new(job.Id, ActionKind.SwitchedOff, (stored, _) => stored switch
    {
        null => new StoredJob { Job = job, Ended = JobEnd.SwitchedOff },
        { Ended: null } => End(stored, JobEnd.SwitchedOff) with { Job = job },
        _ => Same(stored, stored with { Job = job, Ended = JobEnd.SwitchedOff }),
    });

    /// <summary>Returns the edit for one version of the job only: judged inside the store's transaction, so that nothing comes between.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="version">The version; null for any.</param>
    public static JobEdit IfVersion(this JobEdit edit, long? version) => version is null ? edit : edit with
    {
        Edit = (stored, now) =>
            stored is { Ended: null } && stored.Version != version ? throw new JobChangedException(edit.Job) : edit.Edit(stored, now),
    };

    // A job whose trigger turns out to be exhausted by a pause that is just over was still there for whoever asks for the edit.
    static JobEdit OfExisting(JobId id, ActionKind kind, Func<StoredJob, DateTimeOffset, PreparedSearches, StoredJob> edit)
    {
        PreparedSearches searches = new();
        return new(id, kind, (found, now) =>
            found is { Ended: null } ? edit(WithoutOverduePause(found, now, searches), now, searches) : throw new JobNotFoundException(id))
        { Searches = searches };
    }

    /// <summary>A pause whose end has come is over since then, even if no claim has said so yet.</summary>
    static StoredJob WithoutOverduePause(StoredJob stored, DateTimeOffset now, PreparedSearches searches) =>
        stored is { Ended: null, Paused.Until: { } until } && until <= now ? PauseOver(stored, until, searches) : stored;

    static StoredJob PauseOver(StoredJob stored, DateTimeOffset end, PreparedSearches searches)
    {
        if (stored.Next is not { } next || stored.Job.Trigger is null) return stored with { Paused = null };
        var from = next >= end ? next : searches.Next(stored, end);
        return stored with { Paused = null, State = stored.State.WithNext(from), Ended = EndWithout(from, stored.Job) };
    }

    /// <summary>A definition begins: it fires from now on, or from a given time.</summary>
    static StoredJob Begin(StoredJob? stored, Job job, PauseRecord? mark, DateTimeOffset? given, DateTimeOffset now,
        PreparedSearches searches)
    {
        var next = job.Trigger is { } trigger ? searches.Next(trigger, now) ?? (trigger as DateTrigger)?.At : null;
        var begun = (stored ?? new StoredJob { Job = job }) with { Job = job, Paused = mark, Ended = null };
        begun = begun with { State = begun.State.WithNext(next) };
        if (given is not null) begun = Move(begun, job, mark, given.Value.ToWholeMicros());
        return begun with { Ended = EndWithout(begun.Next, job) };
    }

    static StoredJob Move(StoredJob stored, Job job, PauseRecord? mark, DateTimeOffset next)
    {
        if (job.Trigger is null)
        {
            throw new FormatException(
                $"Job {job.Id} has no trigger, so it has no next fire time. Ask for a run at {next:u}, or give it a trigger.");
        }

        return stored with { Job = job, Paused = mark, State = stored.State.WithNext(next), Ended = null };
    }

    static StoredJob End(StoredJob stored, JobEnd how) => stored with { Ended = how, State = stored.State.WithNext(null), Paused = null };

    static bool FollowsWaiting(StoredJob before, StoredJob after)
    {
        var (had, has) = (before.Job.Options, after.Job.Options);
        return before.Ended != after.Ended || had.Executor != has.Executor || had.Priority != has.Priority
            || had.MaxInstances != has.MaxInstances;
    }

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

    /// <summary>Returns where one definition ends and the next one begins: at the watermark, for what is below it was decided before. A trigger that is replaced ends now.</summary>
    static (DateTimeOffset Closes, DateTimeOffset Opens) Border(StoredJob? before, StoredJob after, DateTimeOffset now)
    {
        if (after.Next is not { } opens) return (now, now);
        if (before?.Next is not { } next || !ReferenceEquals(before.Job.Trigger, after.Job.Trigger)) return (now, opens);
        return (Earlier(next, opens), Earlier(next, opens));
    }

    static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    static JobEnd? EndWithout(DateTimeOffset? next, Job job) => next is null && job.Trigger is not null ? JobEnd.Exhausted : null;

    static StoredJob Same(StoredJob before, StoredJob after) => before == after ? before : after;
}
