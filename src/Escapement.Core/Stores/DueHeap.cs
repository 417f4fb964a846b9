using Escapement.Jobs;

namespace Escapement.Stores;

/// <summary>A future item: a job's fire time, the end of its pause, or a waiting run.</summary>
/// <param name="At">The due time in microseconds since 1970-01-01 UTC.</param>
/// <param name="Job">The number of the job.</param>
/// <param name="FireTime">The fire time of a waiting run, or 0 for a job.</param>
/// <param name="Number">The number of a waiting run, or -1 for a job.</param>
readonly record struct DueItem(long At, long Job, long FireTime, long Number) : IComparable<DueItem>
{
    public static DueItem OfJob(long at, long job) => new(at, job, 0, -1);

    public static DueItem Of(RunId run, long due) => new(due, run.Job, run.FireTime, run.Number);

    public bool IsJob => Number < 0;

    public RunId Run => new(FireTime, Job, Number);

    public int CompareTo(DueItem other)
    {
        if (At != other.At) return At < other.At ? -1 : 1;
        if (Job != other.Job) return Job < other.Job ? -1 : 1;
        return Number != other.Number ? Number.CompareTo(other.Number) : FireTime.CompareTo(other.FireTime);
    }
}

/// <summary>The future items of an executor and priority. A stale item is dropped when it reaches the top.</summary>
sealed class DueHeap(string executor, int priority)
{
    readonly PriorityQueue<DueItem, DueItem> heap = new();

    public string Executor => executor;

    public int Priority => priority;

    public int Count => heap.Count;

    public void Add(DueItem item) => heap.Enqueue(item, item);

    public bool TryPeek(out DueItem item) => heap.TryPeek(out item, out _);

    public DueItem Take() => heap.Dequeue();

    public void Clear() => heap.Clear();
}
