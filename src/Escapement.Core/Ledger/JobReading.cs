using System.Globalization;

namespace Escapement.Ledger;

/// <summary>Reads the account of a job: what its definitions yield against runs, entries, actions and spans.</summary>
sealed class JobReading
{
    /// <summary>The maximum number of fire times of a stretch whose runs are read one by one.</summary>
    const int MaxNamed = RunReads.MaxRows;

    /// <summary>The maximum number of pieces into which a stretch is divided at once.</summary>
    const int MaxPieces = 1_000;

    /// <summary>The maximum number of open questions of a job, and of covered stretches, whose runs are read one by
    /// one.</summary>
    const int MaxQuestions = 1_000;

    readonly JobCauses causes;
    readonly List<NotRun> items = [];
    readonly List<Fault> faults = [];
    readonly List<Stretch> stretches;
    readonly SortedDictionary<long, Run> rows = [];
    readonly HashSet<Stretch> named = [];
    readonly HashSet<DefinitionSpan> unreadable = [];
    int questions;
    int covered;

    /// <param name="layers">The layers of the job.</param>
    /// <param name="causes">The causes of fire times that did not run.</param>
    /// <param name="span">The span, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="search">The search for fire times.</param>
    public JobReading(JobLayers layers, JobCauses causes, (long From, long To) span, FireTimeSearch search)
    {
        (Layers, this.causes, Search) = (layers, causes, search);
        stretches = JobAxis.Of(layers, span, causes, search);
    }

    public JobLayers Layers { get; }

    public JobCauses Causes => causes;

    public FireTimeSearch Search { get; }

    public IReadOnlyList<Stretch> Stretches => stretches;

    public IReadOnlyList<NotRun> Items => items;

    public List<Fault> Faults => faults;

    public Tally Tally { get; private set; }

    /// <summary>True if not every run that never began was read.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True if not every run between the fire times without a run was read, so that their ends are not
    /// exact.</summary>
    public bool AreRowsCut { get; private set; }

    /// <summary>The number of fire times that are expected.</summary>
    public long Expected => stretches.Sum(stretch => stretch.Expected);

    /// <summary>Adds a run of a fire time that was read individually.</summary>
    public void Know(Run run)
    {
        if (!rows.TryGetValue(run.Id.FireTime, out var known) || known.State == RunState.Ended) rows[run.Id.FireTime] = run;
    }

    /// <summary>Returns the stretch around an instant, or null outside of the span.</summary>
    public Stretch? At(long instant)
    {
        var low = Bisection.Leading(stretches.Count, (stretches, instant), static (at, place) => at.stretches[place].To <= at.instant);
        return low < stretches.Count && stretches[low].From <= instant ? stretches[low] : null;
    }

    /// <summary>Returns the spans whose runs must be known individually, and splits stretches that are too long for
    /// that.</summary>
    /// <param name="isNew">Returns true for a span that was not read yet.</param>
    /// <param name="afford">Returns true if the report can read a number of further runs.</param>
    /// <param name="split">Called for each piece of a stretch that was split.</param>
    public IEnumerable<RunSpan> Unknown(Func<RunSpan, bool> isNew, Func<long, bool> afford, Action<Stretch> split)
    {
        List<RunSpan> wanted = [];
        var otherRuns = 0;
        foreach (var stretch in stretches)
        {
            // An open question has its own places, so that covered stretches leave room for the contradictions.
            if (stretch.HasRuns && (stretch.IsOpenQuestion ? stretch.Expected <= MaxNamed : stretch.IsCovered)
                && (named.Contains(stretch) || TakesPlace(stretch, afford)))
            {
                wanted.Add(new(Layers.Stored.Number, stretch.From, stretch.To));
            }

            if (JobCauses.OtherRun(stretch) is { } other && otherRuns++ < MaxQuestions)
                wanted.Add(RunSpan.Of(Layers.Stored.Number, other));
        }

        // The first contradiction is named. Further long stretches stay as they are.
        if (stretches.FindIndex(IsTooLong) is var place and >= 0)
        {
            List<Stretch> pieces = [.. stretches[place].Split((int)Math.Min(MaxPieces, 1 + (2 * stretches[place].Expected / MaxNamed)))];
            pieces.ForEach(split);
            stretches.RemoveAt(place);
            stretches.InsertRange(place, pieces);
        }

        return wanted.Where(isNew);
    }

    bool TakesPlace(Stretch stretch, Func<long, bool> afford)
    {
        if ((stretch.IsOpenQuestion ? questions : covered) >= MaxQuestions || !afford(Math.Min(stretch.Ran + stretch.Missed, MaxNamed)))
            return false;
        if (stretch.IsOpenQuestion) questions++;
        else covered++;
        return named.Add(stretch);
    }

    static bool IsTooLong(Stretch stretch) => stretch.IsOpenQuestion && stretch.HasRuns && stretch.Expected > MaxNamed;

    /// <summary>Compares expected fire times and records, stretch by stretch.</summary>
    public void Judge()
    {
        foreach (var stretch in stretches) Judge(stretch);
        var missed = stretches.Sum(stretch => stretch.Missed);
        foreach (var run in rows.Values)
        {
            if (run is not { State: RunState.Ended, Outcome: Outcome.Missed } || At(run.Id.FireTime) is not { } stretch) continue;
            Add(causes.OfMissed(stretch, run));
            missed--;
        }

        // The runs beyond the limit of a read are known by their number alone.
        if (missed > 0) (IsCut, Tally) = (true, Tally with { Missed = Tally.Missed + missed });
        items.Sort(static (a, b) => a.First.CompareTo(b.First));
    }

    /// <summary>Returns the fire times of an item, oldest first, or null if more runs lie between them than were read.</summary>
    public IEnumerable<long>? FireTimesOf(NotRun item)
    {
        if (item.Run is { } missed)
        {
            return rows.Values.Where(run => run is { State: RunState.Ended, Outcome: Outcome.Missed } && run.Reason == missed.Reason)
                .Select(run => run.Id.FireTime).Where(at => at >= item.First && at <= item.Last);
        }

        List<Stretch> found = [.. stretches.Where(stretch => stretch.IsCovered
            && (stretch.Entry, stretch.Action) == (item.Entry, item.Action) && stretch.From <= item.Last && stretch.To > item.First)];
        return found.Exists(stretch => !AreRowsKnown(stretch)) ? null : found
            .SelectMany(stretch => stretch.FireTimes()).SkipWhile(at => at < item.First).TakeWhile(at => at <= item.Last)
            .Where(at => !rows.ContainsKey(at));
    }

    void Judge(Stretch stretch)
    {
        var (due, ran, without) = (stretch.Expected + stretch.Others, stretch.Ran, stretch.WithoutRun);
        Tally = Tally with
        {
            Running = Tally.Running + stretch.Open,
            Unsuccessful = Tally.Unsuccessful + stretch.Unsuccessful,
            MadeUp = Tally.MadeUp + stretch.MadeUp,
        };
        if (stretch.IsUnreadable)
        {
            if (unreadable.Add(stretch.Definition!))
                faults.Add(new(Layers, stretch.From, FaultKind.Unreadable, Text: stretch.Definition!.Job.Error));
            (due, without) = (due - without, 0);
        }
        else if (without < 0)
        {
            due -= without;
        }

        if (stretch.HasTooManyRuns) NotExpected(stretch);
        if (without > 0)
        {
            if (stretch.IsPending) Pending(stretch, without);
            else if (stretch.IsCovered) AddCovered(stretch, without);
            else if (stretch.IsTrimmed) ran += without;
            else if (stretch.IsForgotten) due -= without;
            else NoRecord(stretch);
        }

        Tally = Tally with { Due = Tally.Due + due, Ran = Tally.Ran + ran };
    }

    void AddCovered(Stretch stretch, long count)
    {
        // Without each run, the first and the last fire time without a run are unknown.
        AreRowsCut |= !AreRowsKnown(stretch);
        Add(causes.OfCovered(stretch, Ends(stretch), count));
    }

    void Pending(Stretch stretch, long count)
    {
        if (causes.OfPending(stretch, Ends(stretch), count) is { } item) Add(item);
        else Tally = Tally with { Running = Tally.Running + count };
    }

    void Add(NotRun item)
    {
        Tally = item.Kind == ItemKind.Skipped
            ? Tally with { Skipped = Tally.Skipped + item.Count }
            : Tally with { Missed = Tally.Missed + item.Count };
        if (items is [.., var before] && (item.Run is null || At(item.First)?.Before(item.First) == before.Last)
            && before.TryJoin(item) is { } joined)
        {
            items[^1] = joined;
        }
        else
        {
            items.Add(item);
        }
    }

    void NoRecord(Stretch stretch)
    {
        if (!AreRowsKnown(stretch))
        {
            // Without its runs, the fire times of a stretch cannot be named.
            IsCut = true;
            faults.Add(new(Layers, stretch.From, FaultKind.NoRecordWithin, Text: stretch.WithoutRun.ToString(CultureInfo.InvariantCulture), Until: stretch.To));
            return;
        }

        foreach (var at in stretch.FireTimes().Where(at => !rows.ContainsKey(at)).Take(WhyReport.MaxRows))
            faults.Add(new(Layers, at, FaultKind.NoRecord));
    }

    /// <summary>Returns true if each run of a stretch is known individually.</summary>
    bool AreRowsKnown(Stretch stretch) => !stretch.HasRuns
        || (named.Contains(stretch) && stretch.Ran + stretch.Missed + stretch.Open <= MaxNamed);

    void NotExpected(Stretch stretch)
    {
        AreRowsCut |= !AreRowsKnown(stretch);
        var expected = stretch.Expected <= MaxNamed ? stretch.FireTimes().ToHashSet() : null;
        foreach (var run in Rows(stretch))
        {
            var isExpected = expected?.Contains(run.Id.FireTime) ?? stretch.Expects(run.Id.FireTime);
            if (!isExpected && !causes.WasExpected(run)) faults.Add(new(Layers, run.Id.FireTime, FaultKind.NotExpected));
        }
    }

    IEnumerable<Run> Rows(Stretch stretch) =>
        rows.Values.SkipWhile(run => run.Id.FireTime < stretch.From).TakeWhile(run => run.Id.FireTime < stretch.To);

    /// <summary>Returns the first and the last fire time without a run.</summary>
    (long First, long Last) Ends(Stretch stretch)
    {
        var first = stretch.From;
        foreach (var at in stretch.FireTimes().Where(at => !rows.ContainsKey(at)))
        {
            first = at;
            break;
        }

        var last = stretch.To;
        do last = stretch.Before(last) ?? first;
        while (last > first && rows.ContainsKey(last));
        return (first, Math.Max(first, last));
    }

    /// <summary>Returns a known run, or null.</summary>
    public Run? RunAt(long fireTime) => rows.GetValueOrDefault(fireTime);

    /// <summary>The runs that are known individually, oldest first.</summary>
    public IEnumerable<Run> Known => rows.Values;
}
