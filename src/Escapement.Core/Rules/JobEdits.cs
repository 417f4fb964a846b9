using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The changes of jobs, common to all stores. Pure: a store applies the changes inside its
/// transaction.</summary>
/// <remarks>
/// An edit counts nothing and writes no entry. Its action records how far the watermark moved and under which
/// definition, and
/// accounts for due, unclaimed fire times.
/// </remarks>
public static partial class JobEdits
{
    /// <summary>How far a given next fire time may lie in the past. The fire times of a composed trigger are counted one by one,
    /// and those of centuries would keep the ledger from adding up, also after the job is removed.</summary>
    static readonly TimeSpan MaxPast = TimeSpan.FromDays(366);

    /// <summary>Computes a change.</summary>
    /// <param name="before">The job, or null if the id was never used.</param>
    /// <param name="edit">The change.</param>
    /// <param name="now">The store's clock, read inside the transaction.</param>
    /// <param name="scopes">The pauses of tags and executors without a recorded end, read inside the transaction, or null if
    /// there are none. A job of a paused scope is paused.</param>
    /// <exception cref="InvalidOperationException">The editor returned another job.</exception>
    /// <exception cref="JobPausedException">A job that is paused with its tag or executor cannot be resumed alone.</exception>
    public static EditedJob Apply(StoredJob? before, JobEdit edit, DateTimeOffset now, IReadOnlyList<ScopedPause>? scopes = null)
    {
        ArgumentNullException.ThrowIfNull(edit);
        now = now.ToWholeMicros();
        scopes ??= [];
        CheckResume(before, edit, scopes, now);
        var after = edit.Edit(before, now);
        if (after is not null && (edit.Scope is not null || !ReferenceEquals(before, after)))
            after = Marked(before, after, scopes, now, edit.Searches);
        if (after is null || ReferenceEquals(before, after)) return new() { Before = before, After = after };
        if (after.Job.Id != edit.Job) throw new InvalidOperationException($"An edit of job {edit.Job} returned job {after.Job.Id}.");

        var state = before?.State ?? JobState.None;
        after = after with
        {
            Number = before?.Number ?? 0,
            Version = (before?.Version ?? 0) + 1,
            MarkedAt = now,
            Failures = FailuresAfter(before, after),
            State = after.State with { Running = state.Running, Last = state.Last, Change = state.Change + 1 },
        };
        // An exhausted job still accounts for the past fire times of its trigger.
        var (had, has) = (before is { Ended: null or JobEnd.Exhausted }, after.Ended is null or JobEnd.Exhausted);
        var changed = before is null || !ReferenceEquals(before.Job, after.Job);
        var begins = has && (changed || !had || before!.Next is not { } next || after.Next < next);
        var (closes, opens) = Border(before, after, now);
        var ends = before is null ? null : RunEnds.EndsWaiting(after.Ended);
        var differs = changed ? DefinitionChange.Of(before?.Job, after.Job) : default;
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
                Scope = edit.Scope,
                ScopeName = edit.ScopeName,
                Change = after.State.Change,
                Version = after.Version,
                From = had ? before!.Next : null,
                To = has ? after.Next : null,
                By = edit.By,
                Why = edit.Why,
                Origin = edit.Origin,
                Before = differs.Before,
                After = differs.After,
                Until = edit.Kind == ActionKind.Paused ? after.Paused?.Until : null,
            },
            Signal = StoreSignal.Work,
        };
    }

    /// <summary>Adds a job, or replaces a job. A definition never fires for times before its creation. As an exception,
    /// a date trigger may lie in the past, within its misfire grace.</summary>
    /// <param name="job">The definition. Replacing a declared job counts as a change of the job, and lasts until the
    /// declaration changes.</param>
    /// <param name="replaceExisting">True to replace a job with this id.</param>
    /// <param name="next">The first fire time, or null for the trigger's first fire time.</param>
    /// <param name="paused">True to start the job paused.</param>
    /// <exception cref="JobExistsException">The id is taken, and <paramref name="replaceExisting"/> is
    /// false.</exception>
    /// <exception cref="FormatException">A next fire time is given for a job without a trigger, or is too long ago.</exception>
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

    /// <summary>Changes a job, all or nothing. A new trigger begins from now and leaves a paused job paused. Without a
    /// new trigger, the watermark is kept.</summary>
    /// <param name="id">The job.</param>
    /// <param name="change">Creates the new definition from the old definition.</param>
    /// <param name="next">A new next fire time, or null. Ends a pause unless <paramref name="pause"/> is true.</param>
    /// <param name="pause">True to pause the job.</param>
    /// <exception cref="JobNotFoundException">The job does not exist or has ended.</exception>
    /// <exception cref="FormatException">The id was changed, or a next fire time is given for a job without a
    /// trigger.</exception>
    public static JobEdit Change(JobId id, Func<Job, Job> change, DateTimeOffset? next = null, bool pause = false) =>
        OfExisting(id, ActionKind.Changed, (stored, now, searches) =>
        {
            var job = change(stored.Job);
            if (job.Id != id) throw new FormatException($"The id of job {id} cannot change. Add a job {job.Id} and remove this one.");
            if (pause && stored.Paused is not { Scope: null, AfterFailures: null }) stored = Unpaused(stored, now, searches);
            var mark = pause ? stored.Paused ?? new() { At = now } : next is null ? stored.Paused : null;
            if (!ReferenceEquals(job.Trigger, stored.Job.Trigger)) return Begin(stored, job, mark, next, now, searches);
            if (next is not null) return Move(stored, job, mark, next.Value.ToWholeMicros(), now);
            return Same(stored, stored with
            {
                Job = job == stored.Job ? stored.Job : job,
                Paused = stored.Ended is null ? mark : null,
            });
        });

    /// <summary>Corrects a job after the wall clock was set back: fire times that were skipped only because the clock
    /// was fast become due again from now on. A fire time that ran does not run again.</summary>
    /// <remarks>A paused job stays paused, and a pause that began in the future begins now. A job that was marked
    /// exhausted only because the clock was fast becomes active again.</remarks>
    /// <param name="id">The job.</param>
    /// <param name="ahead">The latest time shown by the fast clock. If the next fire time is later than the first fire
    /// time after this instant, the next fire time was set manually or is correct, and is kept.</param>
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

    /// <summary>Begins a declared job anew if its trigger begins in the future only because the clock was ahead at the
    /// declaration, for example an interval without a start.</summary>
    /// <remarks>The clock was ahead if the definition was last changed at an instant that still lies in the future. A
    /// start given by the declaration or by a user is kept.</remarks>
    /// <param name="job">The job as declared at the present instant.</param>
    internal static JobEdit BeginAnew(Job job)
    {
        PreparedSearches searches = new();
        return new(job.Id, ActionKind.ClockWentBack, (stored, now) =>
        {
            if (stored is null || !ComputedStart.MayBeLate(stored, now) || stored.Job.DeclaredHash != job.DeclaredHash
                || job.Trigger is not { } trigger || !ComputedStart.IsLater(Text(stored.Job.Trigger!), Text(trigger)))
            {
                return stored;
            }

            var pause = stored.Paused is { } mark && mark.At > now ? mark with { At = now } : stored.Paused;
            return Begin(stored, stored.Job with { Trigger = trigger }, pause, null, now, searches);
        })
        { Searches = searches };
    }

    /// <summary>Removes a job. A tombstone with the job's number remains, so that its fire times cannot run
    /// again.</summary>
    /// <exception cref="JobNotFoundException">The job does not exist or has ended.</exception>
    public static JobEdit Remove(JobId id) => OfExisting(id, ActionKind.Removed, (stored, _, _) => End(stored, JobEnd.Removed));

    /// <summary>Reconciles a declared job with the store.</summary>
    /// <remarks>
    /// A job with an unchanged declaration keeps its watermark and its changes at run time. A removed job stays
    /// removed, and an exhausted
    /// job stays exhausted. A changed declaration is adopted, and begins from now if the trigger differs. A retired or
    /// switched-off job begins anew.
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

    /// <summary>Ends a job without a declaration in any living node. An ended job is not changed.</summary>
    public static JobEdit Retire(JobId id) =>
        new(id, ActionKind.Retired, (stored, _) => stored is { Ended: null } ? End(stored, JobEnd.Retired) : stored);

    /// <summary>Stores a declared job's definition as switched off.</summary>
    public static JobEdit SwitchOff(Job job) => new(job.Id, ActionKind.SwitchedOff, (stored, _) => stored switch
    {
        null => new StoredJob { Job = job, Ended = JobEnd.SwitchedOff },
        { Ended: null } => End(stored, JobEnd.SwitchedOff) with { Job = job },
        _ => Same(stored, stored with { Job = job, Ended = JobEnd.SwitchedOff }),
    });

    /// <summary>Runs the trigger searches of the change in advance. Called by a store before its transaction, because a
    /// search can take long for a rare trigger with many parts.</summary>
    /// <param name="edit">The change.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="read">The job, or null if the job does not exist or was not read.</param>
    /// <param name="scopes">The pauses of tags and executors without a recorded end, or null if there are none.</param>
    /// <returns>The job after the change.</returns>
    public static StoredJob? Prepare(
        this JobEdit edit, DateTimeOffset now, StoredJob? read = null, IReadOnlyList<ScopedPause>? scopes = null)
    {
        ArgumentNullException.ThrowIfNull(edit);
        edit.Searches.Begin();
        try
        {
            return Apply(read, edit, now, scopes).After;
        }
        catch (Exception)
        {
            // The transaction repeats the error if its cause still exists.
            return read;
        }
        finally
        {
            edit.Searches.End();
        }
    }

    /// <summary>Limits an edit to a version of the job. The version is checked inside the store's transaction, so that
    /// no other change can come between.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="version">The version, or null for any.</param>
    public static JobEdit IfVersion(this JobEdit edit, long? version) => version is null ? edit : edit with
    {
        Edit = (stored, now) =>
            stored is { Ended: null } && stored.Version != version ? throw new JobChangedException(edit.Job) : edit.Edit(stored, now),
    };

    // A job that is exhausted by a just expired pause still exists for the caller of the edit.
    static JobEdit OfExisting(JobId id, ActionKind kind, Func<StoredJob, DateTimeOffset, PreparedSearches, StoredJob> edit)
    {
        PreparedSearches searches = new();
        return new(id, kind, (found, now) =>
            found is { Ended: null } ? edit(WithoutOverduePause(found, now, searches), now, searches) : throw new JobNotFoundException(id))
        { Searches = searches };
    }

    /// <summary>Begins a definition, which fires from now on or from a given time.</summary>
    static StoredJob Begin(StoredJob? stored, Job job, PauseRecord? mark, DateTimeOffset? given, DateTimeOffset now,
        PreparedSearches searches)
    {
        var next = job.Trigger is { } trigger ? searches.Next(trigger, now) ?? (trigger as DateTrigger)?.At : null;
        var begun = (stored ?? new StoredJob { Job = job }) with { Job = job, Paused = mark, Ended = null };
        begun = begun with { State = begun.State.WithNext(next) };
        if (given is not null) begun = Move(begun, job, mark, given.Value.ToWholeMicros(), now);
        return begun with { Ended = EndWithout(begun.Next, job) };
    }

    static StoredJob Move(StoredJob stored, Job job, PauseRecord? mark, DateTimeOffset next, DateTimeOffset now)
    {
        if (job.Trigger is null)
        {
            throw new FormatException(job.Error ??
                $"Job {job.Id} has no trigger, so it has no next fire time. Ask for a run at {next:u}, or give it a trigger.");
        }

        if (next < now.Minus(MaxPast))
        {
            throw new FormatException(
                $"The next fire time {next:u} of job {job.Id} is too long ago. An instant after {now.Minus(MaxPast):u}, {MaxPast.TotalDays} days ago, is allowed, so that the ledger can count the fire times since.");
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

    // A trigger read from a store is a different object than the trigger declared by the program.
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

    /// <summary>Returns the border between two definitions: the watermark, because earlier fire times are already
    /// decided. A replaced trigger ends now.</summary>
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
