using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    (DueHeap Jobs, DueHeap Runs) QueueOf(Job job)
    {
        var key = (job.Options.Executor, job.Options.Priority);
        if (!queues.TryGetValue(key, out var queue))
        {
            queues.Add(key, queue = (new(key.Executor, key.Priority), new(key.Executor, key.Priority)));
        }

        return queue;
    }

    /// <summary>Queues a job's next due time, unless already queued.</summary>
    void Queue(Slot slot)
    {
        var queue = QueueOf(slot.Stored.Job).Jobs;
        if (slot.DueAt is not { } due)
        {
            slot.Queued = null;
            return;
        }

        if (slot.Queued == (due, queue)) return;
        slot.Queued = (due, queue);

        // Frequently changed jobs leave stale items behind.
        if (queue.Count > 2 * slots.Count + 1_000) Rebuild(queue);
        else queue.Add(DueItem.OfJob(due, slot.Stored.Number));
    }

    void Rebuild(DueHeap queue)
    {
        queue.Clear();
        foreach (var slot in slots)
            if (slot?.Queued is var (at, into) && into == queue) queue.Add(DueItem.OfJob(at, slot.Stored.Number));
    }

    /// <summary>Returns the next due item wanted by the plan, or null.</summary>
    (DueHeap Heap, DueItem Item)? Earliest(ClaimPlan plan)
    {
        (DueHeap Heap, DueItem Item)? earliest = null;
        foreach (var (jobs, runs) in queues.Values)
        {
            if (!plan.Wants(jobs.Executor)) continue;
            if (plan.TakesFireTimes && Top(jobs) is { } job) Compare(jobs, job);
            if (Top(runs) is { } run) Compare(runs, run);
        }

        return earliest;

        void Compare(DueHeap heap, DueItem item)
        {
            if (item.At > plan.Now) return;
            if (earliest is not var (first, top)
                || ClaimPlan.Order((heap.Priority, item.At, item.Job, item.Number, item.FireTime),
                    (first.Priority, top.At, top.Job, top.Number, top.FireTime)) < 0)
            {
                earliest = (heap, item);
            }
        }
    }

    /// <summary>Returns the first valid item of a queue, or null, and drops stale items before.</summary>
    DueItem? Top(DueHeap heap)
    {
        while (heap.TryPeek(out var item))
        {
            if (slots[(int)item.Job - 1] is { } slot && (item.IsJob ? slot.Queued == (item.At, heap) : IsQueued(slot, heap, item)))
            {
                return item;
            }

            heap.Take();
        }

        return null;
    }

    bool IsQueued(Slot slot, DueHeap heap, DueItem item) =>
        waiting.TryGetValue(item.Run, out var run) && run.Due == item.At && !slot.Blocked.Contains(item)
            && QueueOf(slot.Stored.Job).Runs == heap;
}
