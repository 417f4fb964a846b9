using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    const int MaxTrimmed = 10_000;

    /// <inheritdoc/>
    public async Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken)
    {
        while (true)
        {
            Prepare(change);
            try
            {
                return InSteps ? await ChangeInStepsAsync(change) : Change(change);
            }
            catch (SearchTooLongException)
            {
                // A job was changed between the preparation and the transaction.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    Changed Change(Change change)
    {
        Changed changed;
        lock (gate)
        {
            // Nothing is written before every editor has succeeded.
            var now = Now();
            var staged = new StagedEdits(this, now);
            foreach (var edit in change.Pauses) staged.Apply(edit);
            var ofPauses = staged.Edits.Count;
            foreach (var edit in change.Jobs) staged.Apply(edit);
            EditedState? stateEdit = change.State is { } asked ? SchedulerEdits.Apply(state, asked, now) : null;

            var notification = default(Notification);
            foreach (var scope in staged.Scopes) Write(scope, now);
            scopes = staged.Open;
            StoredJob?[] jobs = [.. staged.Edits.Select(edited =>
                edited.Changed ? Write(edited, now, ref notification) : edited.After is { } same ? Find(same.Job.Id) : null)];
            if (stateEdit is { Changed: true } after) Write(after, ref notification);
            marks.AddRange(change.Marks);
            changed = new() { Jobs = jobs[ofPauses..], JobsOfPauses = ofPauses, State = state, Notification = notification };
        }

        notifier.Notify(changed.Notification);
        return changed;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        InSteps ? EnqueueInStepsAsync(requests) : Task.FromResult<IReadOnlyList<Enqueued>>(Enqueue(requests));

    List<Enqueued> Enqueue(IReadOnlyList<RunRequest> requests)
    {
        List<Enqueued> answers = new(requests.Count);
        lock (gate)
        {
            var now = Now();
            foreach (var request in requests) EnqueueRules.Check(Find(request.Job), request);
            HashSet<JobId> backfilled = [];
            foreach (var request in requests) answers.Add(Enqueue(byId[request.Job], request, now, backfilled));
        }

        if (answers.Exists(answer => !answer.Existing)) notifier.Notify(new(StoreSignal.Work));
        return answers;
    }

    /// <inheritdoc/>
    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!(state.CompleteSince >= before)) state = state with { CompleteSince = before.ToWholeMicros() };
            var more = Remove(history.EndedBefore(before.ToMicros(), MaxTrimmed + 1))
                || Remove(history.BeyondLimits(job => SlotOf(job).Stored.Job.Options, Now(), MaxTrimmed + 1));
            foreach (var slot in byId.Values)
            {
                slot.Entries.RemoveAll(entry => entry.Last < before);
                slot.Definitions.RemoveAll(span => span.To < before);
            }

            actions.RemoveAll(action => TrimRules.IsExpired(action, before));
            foreach (var (key, pause) in pauses.Where(pause => ScopedPauses.Seen(pause.Value, before).Ended < before).ToList())
                pauses.Remove(key);
            scopes = [.. scopes.Where(pause => ScopedPauses.IsOpen(pause, before))];
            marks.RemoveAll(mark => mark.To < before);
            epochs.RemoveAll(epoch =>
                TrimRules.IsExpired(epoch, before) && epoch != epochs[^1] && !running.Values.Any(run => run.Epoch == epoch.Number));
            foreach (var (key, held) in keys.Where(key => EnqueueRules.IsKeyFree(key.Value.Until, before)).ToList()) keys.Remove(key);
            if (more) return Task.FromResult(true);
            foreach (var slot in byId.Values.Where(slot => TrimRules.IsExpired(slot.Stored with { State = slot.State }, before)).ToList())
            {
                Remove(slot);
            }

            return Task.FromResult(false);
        }
    }

    Enqueued Enqueue(Slot slot, RunRequest request, DateTimeOffset now, HashSet<JobId> backfilled)
    {
        var number = slot.Stored.Number;
        if (request.FireTime is not null) return Backfill(slot, request, now, backfilled);
        if (request.Key is { } name && keys.TryGetValue((number, name), out var key) && !EnqueueRules.IsKeyFree(key.Until, now))
        {
            if (request.Watched) Watch(key.Run);
            return new(key.Run, existing: true);
        }

        var run = EnqueueRules.WaitingRun(number, request, ++enqueued, now);
        if (request.Key is not null)
        {
            keys[(number, request.Key)] = new(run.Id, EnqueueRules.KeyLasts(slot.Stored, request), null);
            keyOf[run.Id] = request.Key;
        }

        slot.State = slot.State with { Change = slot.State.Change + 1 };
        if (EnqueueRules.ActionOf(slot.Stored with { State = slot.State }, request, now) is { } action)
            actions.Add(action with { Number = ++actionNumber });
        Wait(run);
        return new(run.Id, existing: false);
    }

    /// <summary>Enqueues the run of a fire time that did not run, or returns the existing run.</summary>
    /// <param name="slot">The job.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="backfilled">The jobs whose backfill is recorded.</param>
    Enqueued Backfill(Slot slot, RunRequest request, DateTimeOffset now, HashSet<JobId> backfilled)
    {
        var run = EnqueueRules.WaitingRun(slot.Stored.Number, request, 0, now);
        if (HasRun(run.Id))
        {
            if (request.Watched) Watch(run.Id);
            return new(run.Id, existing: true);
        }

        if (history.TryGet(run.Id, out var missed))
        {
            var entry = EnqueueRules.EntryOf(slot.Stored with { State = slot.State }, run.Id, missed.Reason == 0 ? null : missed.Reason);

            // The entry replaces the entry of an earlier backfill. The newest entry stays last, because the next claim may extend it.
            slot.Entries.RemoveAll(old => old.First == entry.First && old.Last == entry.Last && old != slot.LastEntry);
            slot.Entries.Insert(slot.Entries.Count - (slot.LastEntry is null ? 0 : 1), entry);
            Replace(run.Id);
        }

        if (EnqueueRules.ActionOf(slot.Stored with { State = slot.State }, request, now) is { } action && backfilled.Add(request.Job))
            actions.Add(action with { Number = ++actionNumber });
        slot.State = slot.State with { Last = EnqueueRules.LastAfter(slot.State.Last, run.Id), Change = slot.State.Change + 1 };
        Wait(run);
        return new(run.Id, existing: false);
    }

    void Watch(RunId id)
    {
        if (waiting.TryGetValue(id, out var run)) waiting[id] = run with { Watched = true };
        else if (running.TryGetValue(id, out var open)) running[id] = open with { Watched = true };
    }

    /// <summary>Writes an accepted change of a job.</summary>
    StoredJob Write(EditedJob edited, DateTimeOffset now, ref Notification notification)
    {
        var after = edited.After!;
        if (!byId.TryGetValue(after.Job.Id, out var slot))
        {
            slots.Add(slot = new() { Stored = after with { Number = slots.Count + 1 } });
            byId.Add(after.Job.Id, slot);
        }

        var action = edited.Action! with { Number = ++actionNumber };
        actions.Add(action);
        after = edited.Numbered(slot.Stored.Number, action.Number);

        // The pause may stem from an earlier edit of the same change, with the number already assigned.
        if (after.Paused is { Action: null } unnumbered && slot.Stored.Paused is { } open && open.At == unnumbered.At)
            after = after with { Paused = unnumbered with { Action = open.Action } };

        var id = after.Job.Id.Value;
        if (edited.ClosesPause is { } over) Close(PauseScope.Job, id, over, over.Until is { } until && until < now ? until : now);
        if (edited.OpensPause is not null) Open(PauseScope.Job, id, after.Paused!);
        if (edited.ClosesDefinitionAt is { } end) CloseDefinitions(slot.Definitions, end);
        if (edited.OpensDefinitionFrom is { } from) slot.Definitions.Add(new() { Job = after.Job, Version = after.Version, From = from });

        if (!ProtocolOverrides.EditsMoveChange) after = after with { State = after.State with { Change = slot.State.Change } };
        (slot.Stored, slot.State, slot.LastEntry) = (after, after.State, null);
        Queue(slot);
        notification = notification.And(new(edited.Signal)).And(Follow(slot, edited, now));
        return after;
    }

    /// <summary>Ends every definition at an instant at the latest, so that each fire time is accounted for by a single
    /// definition.</summary>
    static void CloseDefinitions(List<DefinitionSpan> definitions, DateTimeOffset end)
    {
        definitions.RemoveAll(span => span.From >= end);
        if (definitions is [.., var last] && !(last.To <= end))
        {
            definitions[^1] = new() { Job = last.Job, Version = last.Version, From = last.From, To = end };
        }
    }

    /// <summary>Requeues or ends the waiting runs of a changed job.</summary>
    Notification Follow(Slot slot, EditedJob edited, DateTimeOffset now)
    {
        var notification = default(Notification);
        if (edited.Waiting == WaitingFate.Stay) return notification;
        slot.Blocked.Clear();
        foreach (var run in waiting.Values.Where(run => run.Id.Job == slot.Stored.Number).ToList())
        {
            waiting.Remove(run.Id);
            if (edited.EndsWaiting is not { } reason)
            {
                Wait(run);
                continue;
            }

            Write(RunEnds.Unclaimed(run, reason, now), null, run.Arguments, run.Cause);
            if (run.Watched) notification = notification.And(new(StoreSignal.RunEnded, [run.Id]));
        }

        return notification;
    }

    void Write(EditedState edited, ref Notification notification)
    {
        var after = edited.After;
        if (edited.Action is { } action)
        {
            actions.Add(action with { Number = ++actionNumber });
            after = edited.Numbered(actionNumber);
        }

        SetState(after);
        NumberState();
        notification = notification.And(new(edited.Signal));
    }

    /// <summary>Stores the scheduler state, and records its pauses for the ledger.</summary>
    void SetState(SchedulerState after)
    {
        var edited = new EditedState(state, after, null, StoreSignal.None);
        if (edited.ClosesPause is { } over) Close(PauseScope.All, "", over, after.PausedBefore?.To ?? Now());
        if (edited.OpensPause is { } pause) Open(PauseScope.All, "", pause);
        state = after;
    }

    void Open(PauseScope scope, string name, PauseRecord pause) =>
        pauses[(scope, name, pause.At)] = new() { Scope = scope, Name = name, Pause = pause };

    void Close(PauseScope scope, string name, PauseRecord pause, DateTimeOffset at)
    {
        if (!pauses.TryGetValue((scope, name, pause.At), out var open)) return;
        pauses[(scope, name, pause.At)] = new() { Scope = scope, Name = name, Pause = open.Pause, Ended = at };
    }

    /// <summary>Deletes up to <see cref="MaxTrimmed"/> runs.</summary>
    /// <returns>True if more runs remain.</returns>
    bool Remove(List<RunId> runs)
    {
        foreach (var run in runs.Take(MaxTrimmed)) Remove(run);
        return runs.Count > MaxTrimmed;
    }

    void Remove(RunId run)
    {
        history.Remove(run);
        errors.Remove(run);
        arguments.Remove(run);
        attempts.Remove(run);
        if (keyOf.Remove(run, out var key)) keys.Remove((run.Job, key));
        var slot = SlotOf(run.Job);
        slot.Ended--;
        if (run.Number != 0) return;
        var after = Instant.FromMicros(run.FireTime + 1);
        if (!(slot.Stored.TrimmedBefore >= after)) slot.Stored = slot.Stored with { TrimmedBefore = after };
    }

    /// <summary>Drops a tombstone without any remaining records.</summary>
    void Remove(Slot slot)
    {
        if (slot.Entries.Count > 0 || slot.Ended > 0 || waiting.Values.Any(run => run.Id.Job == slot.Stored.Number)) return;
        byId.Remove(slot.Stored.Job.Id);

        // A later job with this id starts a new change counter, so old actions would be read in the wrong order.
        actions.RemoveAll(action => action.Job == slot.Stored.Job.Id);
        slots[(int)slot.Stored.Number - 1] = null;
    }
}
