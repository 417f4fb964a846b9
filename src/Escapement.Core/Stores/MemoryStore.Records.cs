using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) =>
        InSteps ? RecordInStepsAsync(finished) : Task.FromResult(Record(finished));

    int Record(IReadOnlyList<Finished> finished)
    {
        var notification = default(Notification);
        var refused = 0;
        lock (gate)
        {
            foreach (var end in finished)
            {
                if (running.TryGetValue(end.Id, out var open) && ProtocolOverrides.Takes(open, end))
                {
                    notification = notification.And(End(open, end));
                }
                else if (!RunEnds.IsRecorded(Find(end.Id), end))
                {
                    refused++;
                }
            }
        }

        notifier.Notify(notification);
        return refused;
    }

    /// <summary>Ends the attempt of a claimed run, and ends the run unless a retry follows.</summary>
    Notification End(OpenRun open, Finished end)
    {
        var after = RunEnds.After(SlotOf(open.Id.Job).Stored, open, end);
        var slot = Free(open);
        var freed = Unblock(slot);
        if (after.Again is { } again)
        {
            Wait(again);
            slot.State = slot.State with { Change = slot.State.Change + 1 };
            if (!attempts.TryGetValue(open.Id, out var before)) attempts.Add(open.Id, before = []);
            before.Add(RunEnds.AttemptOf(open, after.Attempt!));
        }

        var notification = new Notification(after.Signal | freed, open.Watched ? [open.Id] : null);
        if (after.End is not { } ended) return notification;
        Write(ended, open, open.Arguments, open.Cause);
        if (FailuresInRow.AreCounted(slot.Stored)) notification = Count(slot, ended, notification);
        return notification;
    }

    /// <summary>Counts failures in a row, and pauses a job after as many as the job allows.</summary>
    Notification Count(Slot slot, RunEnd end, Notification notification)
    {
        var after = FailuresInRow.After(slot.Stored, end);
        if (after.Count is { } count) slot.Stored = slot.Stored with { Failures = count };
        if (after.Pause is not { } pause) return notification;
        var now = Now();
        if (JobEdits.Apply(Find(pause.Job), pause, now, scopes) is { Changed: true } edited) Write(edited, now, ref notification);
        return notification;
    }

    /// <summary>Removes a run from the claimed runs, and returns its job.</summary>
    Slot Free(OpenRun open)
    {
        var slot = SlotOf(open.Id.Job);
        running.Remove(open.Id);
        slot.State = slot.State with { Running = slot.State.Running - 1 };
        return slot;
    }

    /// <summary>Unblocks the longest due blocked run, because a run of the job has ended.</summary>
    StoreSignal Unblock(Slot slot)
    {
        if (slot.Blocked.Count == 0) return StoreSignal.None;
        var item = slot.Blocked.Min;
        slot.Blocked.Remove(item);
        slot.State = slot.State with { Change = slot.State.Change + 1 };
        QueueOf(slot.Stored.Job).Runs.Add(item);
        return StoreSignal.Work;
    }
}
