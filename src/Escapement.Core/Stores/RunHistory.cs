using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>An ended run in the memory store. Contains no references, so that the garbage collector does not traverse
/// the history.</summary>
readonly record struct RunRow(int Node, long Epoch, long Token, int Attempt)
{
    /// <summary>The value of a missing instant.</summary>
    const long Unset = long.MinValue;

    readonly long claimedAt = Unset;
    readonly long startedAt = Unset;
    readonly long finishedAt = Unset;

    public DateTimeOffset? ClaimedAt { get => Read(claimedAt); init => claimedAt = Write(value); }

    public DateTimeOffset? StartedAt { get => Read(startedAt); init => startedAt = Write(value); }

    public DateTimeOffset? FinishedAt { get => Read(finishedAt); init => finishedAt = Write(value); }

    public Outcome Outcome { get; init; }

    public Reason Reason { get; init; }

    public RunCause Cause { get; init; }

    /// <summary>The limit of the history, decided at the end of the run.</summary>
    public HistoryLimit Limit { get; init; }

    static DateTimeOffset? Read(long micros) => micros == Unset ? null : Instant.FromMicros(micros);

    static long Write(DateTimeOffset? instant) => instant?.ToMicros() ?? Unset;
}

/// <summary>The ended runs of the memory store, in buckets of consecutive keys. The buckets allow reading pages from the
/// newest run, dropping the oldest runs, and reading a snapshot while the history changes.</summary>
sealed class RunHistory
{
    /// <summary>The maximum number of runs in a bucket. A change after a snapshot copies a bucket.</summary>
    public const int MaxBucket = 4_096;

    static readonly IComparer<RunId> Order = Comparer<RunId>.Create(RunPages.Compare);

    // The first bucket begins with the least key, and is never removed.
    readonly SortedList<RunId, Bucket> buckets = new(Order) { { From(long.MinValue), new([]) } };

    // The runs with a limit by job and limit, so that trimming does not read the whole history.
    readonly Dictionary<(long Job, HistoryLimit Limit), SortedSet<RunId>> limited = [];

    sealed class Bucket(Dictionary<RunId, RunRow> rows)
    {
        public Dictionary<RunId, RunRow> Rows => rows;

        /// <summary>True if a snapshot contains the bucket. The bucket is copied before the next change.</summary>
        public bool IsShared { get; set; }
    }

    /// <summary>The numbers of runs in the buckets, oldest first.</summary>
    public IEnumerable<int> Sizes => buckets.Values.Select(bucket => bucket.Rows.Count);

    public bool TryGet(RunId id, out RunRow row) => buckets.GetValueAtIndex(PlaceOf(id)).Rows.TryGetValue(id, out row);

    /// <summary>Returns the runs in their present state. The result is read without the lock of the store.</summary>
    /// <remarks>A cause may name a run before or after the span of a query.</remarks>
    public RunHistory Snapshot()
    {
        RunHistory snapshot = new();
        foreach (var (first, bucket) in buckets)
        {
            bucket.IsShared = true;
            snapshot.buckets[first] = bucket;
        }

        return snapshot;
    }

    /// <summary>Returns a bucket for a change.</summary>
    Dictionary<RunId, RunRow> Own(int place)
    {
        var bucket = buckets.GetValueAtIndex(place);
        if (!bucket.IsShared) return bucket.Rows;
        Dictionary<RunId, RunRow> rows = new(bucket.Rows);
        buckets.SetValueAtIndex(place, new(rows));
        return rows;
    }

    /// <summary>Returns the place of the bucket for a key.</summary>
    int PlaceOf(RunId id)
    {
        // Most runs are newer than the runs before.
        var last = buckets.Count - 1;
        if (RunPages.Compare(buckets.GetKeyAtIndex(last), id) <= 0) return last;
        return Bisection.Leading(buckets.Count, (buckets, id),
            static (at, place) => RunPages.Compare(at.buckets.GetKeyAtIndex(place), at.id) <= 0) - 1;
    }

    public void Set(RunId id, in RunRow row)
    {
        var rows = Own(PlaceOf(id));
        if (rows.TryGetValue(id, out var before)) Forget(id, before.Limit);
        rows[id] = row;
        if (rows.Count > MaxBucket) Split(rows);
        if (row.Limit == HistoryLimit.None) return;
        if (!limited.TryGetValue((id.Job, row.Limit), out var runs)) limited.Add((id.Job, row.Limit), runs = new(Order));
        runs.Add(id);
    }

    /// <summary>Moves the newer half of a bucket to a bucket of its own.</summary>
    void Split(Dictionary<RunId, RunRow> rows)
    {
        List<RunId> keys = [.. rows.Keys];
        keys.Sort(Order);
        Dictionary<RunId, RunRow> newer = [];
        foreach (var key in keys.Skip(keys.Count / 2))
            if (rows.Remove(key, out var row)) newer.Add(key, row);
        rows.TrimExcess();
        buckets.Add(keys[keys.Count / 2], new(newer));
    }

    void Forget(RunId id, HistoryLimit limit)
    {
        if (!limited.TryGetValue((id.Job, limit), out var runs)) return;
        runs.Remove(id);
        if (runs.Count == 0) limited.Remove((id.Job, limit));
    }

    public bool Remove(RunId id)
    {
        var place = PlaceOf(id);
        if (!buckets.GetValueAtIndex(place).Rows.ContainsKey(id)) return false;
        var rows = Own(place);
        if (rows.Remove(id, out var row)) Forget(id, row.Limit);
        if (rows.Count == 0 && place > 0) buckets.RemoveAt(place);
        return true;
    }

    /// <summary>Returns the runs, newest fire time first.</summary>
    /// <param name="since">The inclusive minimum of the fire time.</param>
    /// <param name="before">The exclusive maximum of the key.</param>
    /// <param name="only">Selects runs before each bucket is sorted, or null for all runs.</param>
    public IEnumerable<(RunId Id, RunRow Row)> Newest(long since, RunId before, Func<RunId, RunRow, bool>? only = null)
    {
        var last = PlaceOf(From(since));
        for (var place = PlaceOf(before); place >= last; place--)
        {
            foreach (var (id, row) in buckets.GetValueAtIndex(place).Rows.Where(run => run.Key.FireTime >= since && RunPages.Compare(run.Key, before) < 0
                && only?.Invoke(run.Key, run.Value) != false)
                .OrderByDescending(run => run.Key, Order))
            {
                yield return (id, row);
            }
        }
    }

    /// <summary>Returns the numbers of runs of fire times in spans.</summary>
    public IReadOnlyList<RunCount> Count(IReadOnlyList<RunSpan> spans)
    {
        var counts = new RunCount[spans.Count];
        Dictionary<long, List<(long From, long To, int Place)>> ranges = [];
        var (from, to) = (long.MaxValue, long.MinValue);
        for (var place = 0; place < spans.Count; place++)
        {
            var span = spans[place];
            if (span.IsSingle)
            {
                if (TryGet(new(span.From, span.Job, 0), out var row)) counts[place] = counts[place].And(row.Outcome, row.Cause);
                continue;
            }

            if (!ranges.TryGetValue(span.Job, out var ofJob)) ranges.Add(span.Job, ofJob = []);
            ofJob.Add((span.From, span.To, place));
            (from, to) = (Math.Min(from, span.From), Math.Max(to, span.To));
        }

        foreach (var ofJob in ranges.Values) ofJob.Sort();
        var only = ranges.Count == 1 ? ranges.First() : default;
        var last = ranges.Count == 0 ? -1 : PlaceOf(From(to));
        for (var bucket = PlaceOf(From(from)); bucket <= last; bucket++)
        {
            foreach (var (id, row) in buckets.GetValueAtIndex(bucket).Rows)
            {
                if (id.Number != 0) continue;
                var ofJob = only.Value is null ? ranges.GetValueOrDefault(id.Job) : only.Key == id.Job ? only.Value : null;
                if (ofJob is not null && PlaceOf(ofJob, id.FireTime) is var place and >= 0)
                    counts[place] = counts[place].And(row.Outcome, row.Cause);
            }
        }

        return counts;
    }

    /// <summary>Returns the runs of fire times in a span, up to <see cref="RunReads.MaxRows"/>, oldest first.</summary>
    public IEnumerable<(RunId Id, RunRow Row)> Rows(RunSpan span) => span.IsSingle && span.Job != RunSpan.AllJobs
        ? TryGet(new(span.From, span.Job, 0), out var row) ? [(new(span.From, span.Job, 0), row)] : []
        : Within(span).Take(RunReads.MaxRows);

    IEnumerable<(RunId Id, RunRow Row)> Within(RunSpan span) => buckets
        .Skip(PlaceOf(From(span.From))).TakeWhile(bucket => bucket.Key.FireTime < span.To)
        .SelectMany(bucket => bucket.Value.Rows.Where(run => run.Key.Number == 0 && (span.Job == RunSpan.AllJobs || run.Key.Job == span.Job)
            && run.Key.FireTime >= span.From && run.Key.FireTime < span.To).OrderBy(run => run.Key.FireTime)
            .Select(run => (run.Key, run.Value)));

    /// <summary>Returns the place of the span around an instant, or -1. The spans do not overlap.</summary>
    static int PlaceOf(List<(long From, long To, int Place)> ranges, long instant)
    {
        var low = Bisection.Leading(ranges.Count, (ranges, instant), static (at, place) => at.ranges[place].To <= at.instant);
        return low < ranges.Count && ranges[low].From <= instant ? ranges[low].Place : -1;
    }

    /// <summary>Returns up to <paramref name="limit"/> runs with a fire time before an instant, in no particular
    /// order.</summary>
    public List<RunId> EndedBefore(long instant, int limit) =>
        [.. buckets.TakeWhile(bucket => bucket.Key.FireTime < instant).SelectMany(bucket => bucket.Value.Rows.Keys)
            .Where(run => run.FireTime < instant).Take(limit)];

    /// <summary>Returns up to <paramref name="max"/> runs beyond the history limits of their jobs, oldest first for each job and
    /// limit.</summary>
    /// <param name="options">Returns the options of a job.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="max">The maximum number of runs.</param>
    public List<RunId> BeyondLimits(Func<long, JobOptions> options, DateTimeOffset now, int max)
    {
        List<RunId> beyond = [];
        foreach (var ((job, limit), runs) in limited)
        {
            var before = TrimRules.HistoryBefore(options(job), limit, now)?.ToMicros();
            var surplus = TrimRules.HistoryRuns(options(job), limit) is { } kept ? runs.Count - kept : 0;
            foreach (var run in runs)
            {
                if (beyond.Count == max) return beyond;
                if (surplus-- <= 0 && !(run.FireTime < before)) break;
                beyond.Add(run);
            }
        }

        return beyond;
    }

    /// <summary>Returns the least key of a fire time.</summary>
    static RunId From(long fireTime) => new(fireTime, long.MinValue, long.MinValue);
}
