using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>A claimed run as the memory store keeps it. It holds no references, so that the collector never walks the history.</summary>
readonly record struct RunRow(int Node, long Epoch, long Token, int Attempt)
{
    /// <summary>The value of an instant that is not set.</summary>
    const long Unset = long.MinValue;

    readonly long startedAt = Unset;
    readonly long finishedAt = Unset;

    public DateTimeOffset? StartedAt { get => Read(startedAt); init => startedAt = Write(value); }

    public DateTimeOffset? FinishedAt { get => Read(finishedAt); init => finishedAt = Write(value); }

    /// <summary>Zero while it runs.</summary>
    public Outcome Outcome { get; init; }

    public Reason Reason { get; init; }

    static DateTimeOffset? Read(long micros) => micros == Unset ? null : Instant.FromMicros(micros);

    static long Write(DateTimeOffset? instant) => instant?.ToMicros() ?? Unset;
}

/// <summary>The claimed runs of the memory store by their key, in drawers of ten minutes of fire time, so that a page is found from the newest on and the oldest are let go.</summary>
sealed class RunHistory
{
    const long Drawer = 10 * 60 * 1_000_000L;

    readonly SortedList<long, Dictionary<RunId, RunRow>> drawers = [];

    public bool Contains(RunId id) => drawers.TryGetValue(DrawerOf(id.FireTime), out var rows) && rows.ContainsKey(id);

    public bool TryGet(RunId id, out RunRow row)
    {
        row = default;
        return drawers.TryGetValue(DrawerOf(id.FireTime), out var rows) && rows.TryGetValue(id, out row);
    }

    public void Set(RunId id, in RunRow row)
    {
        var drawer = DrawerOf(id.FireTime);
        if (!drawers.TryGetValue(drawer, out var rows)) drawers.Add(drawer, rows = []);
        rows[id] = row;
    }

    public void Remove(RunId id)
    {
        if (drawers.TryGetValue(DrawerOf(id.FireTime), out var rows)) rows.Remove(id);
    }

    /// <summary>The newest runs, newest first.</summary>
    /// <param name="job">The number of the only job, or 0 for all.</param>
    /// <param name="since">No fire time before this.</param>
    /// <param name="before">Only those whose key is below this one.</param>
    /// <param name="limit">The most.</param>
    public List<KeyValuePair<RunId, RunRow>> Newest(long job, long since, RunId? before, int limit)
    {
        List<KeyValuePair<RunId, RunRow>> found = [];
        for (var i = drawers.Count - 1; i >= 0 && found.Count < limit && drawers.Keys[i] >= DrawerOf(since); i--)
        {
            if (drawers.Keys[i] > DrawerOf(before?.FireTime ?? long.MaxValue)) continue;
            found.AddRange(drawers.Values[i]
                .Where(run => (job == 0 || run.Key.Job == job) && run.Key.FireTime >= since && (before is null || DueHeap.ByKey.Instance.Compare(run.Key, before.Value) < 0))
                .OrderByDescending(run => run.Key, DueHeap.ByKey.Instance)
                .Take(limit - found.Count));
        }
        return found;
    }

    /// <summary>The ended runs with a fire time before an instant; at most some, in no order.</summary>
    public List<RunId> EndedBefore(long instant, int limit) =>
        [.. drawers.TakeWhile(drawer => drawer.Key <= DrawerOf(instant)).SelectMany(drawer => drawer.Value)
            .Where(run => run.Key.FireTime < instant && run.Value.Outcome != 0).Take(limit).Select(run => run.Key)];

    /// <summary>Lets empty drawers go.</summary>
    public void DropEmpty()
    {
        for (var i = drawers.Count - 1; i >= 0; i--)
            if (drawers.Values[i].Count == 0) drawers.RemoveAt(i);
    }

    static long DrawerOf(long micros) => Math.DivRem(micros, Drawer) is var (quotient, rest) && rest < 0 ? quotient - 1 : quotient;
}
