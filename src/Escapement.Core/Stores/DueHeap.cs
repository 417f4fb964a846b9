using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>Runs to come by the instant at which they are due, then by job and number. What has become stale is dropped by whoever finds it at the top.</summary>
sealed class DueHeap
{
    readonly PriorityQueue<RunId, RunId> heap = new(ByKey.Instance);

    public int Count => heap.Count;

    public void Add(RunId id) => heap.Enqueue(id, id);

    /// <summary>Adds a run that is due later than its fire time.</summary>
    public void Add(RunId id, long due) => heap.Enqueue(id, id with { FireTime = due });

    public bool TryPeek(out RunId id) => heap.TryPeek(out id, out _);

    /// <summary>The earliest, and its place: the run's id with the instant at which it is due.</summary>
    public bool TryPeek(out RunId id, out RunId place) => heap.TryPeek(out id, out place);

    public RunId Take() => heap.Dequeue();

    public void Clear() => heap.Clear();

    /// <summary>The order of the key.</summary>
    internal sealed class ByKey : IComparer<RunId>
    {
        public static readonly ByKey Instance = new();

        public int Compare(RunId a, RunId b)
        {
            if (a.FireTime != b.FireTime) return a.FireTime < b.FireTime ? -1 : 1;
            return a.Job != b.Job ? a.Job.CompareTo(b.Job) : a.Number.CompareTo(b.Number);
        }
    }
}
