using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Reads the account of a job, or of all jobs, in a snapshot of the ledger: first the layers, then the numbers of
/// runs in each stretch, and at last the runs of the stretches that do not add up.</summary>
/// <param name="job">The job, or null for all jobs.</param>
/// <param name="begin">The inclusive beginning of the span.</param>
/// <param name="end">The exclusive end of the span.</param>
/// <param name="cancellationToken">Ends the searches for fire times.</param>
sealed class LedgerReading(JobId? job, DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellationToken)
{
    /// <summary>The maximum number of fire times that are looked up by their keys.</summary>
    const long MaxKeys = 20_000;

    /// <summary>The maximum number of requests to the store after the layers.</summary>
    const int MaxRounds = 8;

    readonly List<Action<RunCount>> counted = [];
    readonly HashSet<RunSpan> read = [];
    Dictionary<JobId, JobReading> byId = [];
    object? snapshot;
    bool areLookedUp, areGapsAsked;
    int? limitOfGaps;
    int rounds;
    long affordable;

    /// <summary>The query for the store.</summary>
    public LedgerQuery Query => new() { Job = job, From = begin, To = end, Runs = false, Then = Next };

    public DateTimeOffset Begin => begin;

    public DateTimeOffset End => end;

    /// <summary>The beginning in microseconds since 1970-01-01 UTC.</summary>
    public long From { get; } = Ceiling(begin);

    /// <summary>The end in microseconds since 1970-01-01 UTC: the end of the span, or the snapshot.</summary>
    public long To { get; private set; }

    public LedgerPart Part { get; private set; } = null!;

    public IReadOnlyList<JobReading> Jobs { get; private set; } = [];

    public LedgerSentences Sentences { get; private set; } = null!;

    /// <summary>The contradictions in the records of activations and of the whole scheduler.</summary>
    public IReadOnlyList<Fault> EpochFaults { get; private set; } = [];

    /// <summary>True if not every run in the stretches without an active node was read.</summary>
    public bool AreGapsCut { get; private set; }

    ActiveTimes Times { get; set; } = null!;

    /// <summary>Takes the answer of the store to the previous request, and returns the next request, or null.</summary>
    RunReads? Next(LedgerPart part)
    {
        Part = part;
        if (!ReferenceEquals(snapshot, part.Entries))
        {
            (snapshot, rounds) = (part.Entries, 0);
            return First();
        }

        for (var place = 0; place < counted.Count; place++) counted[place](part.Counts[place]);
        counted.Clear();
        if (part.Rows.Count >= limitOfGaps) AreGapsCut = true;
        limitOfGaps = null;
        Know(part.Rows);
        return ++rounds < MaxRounds ? Gaps() ?? More() : null;
    }

    /// <summary>Begins with the layers of a snapshot.</summary>
    RunReads? First()
    {
        counted.Clear();
        read.Clear();
        affordable = RunReads.MaxTotal;
        areGapsAsked = AreGapsCut = false;
        limitOfGaps = null;
        To = Math.Min(Ceiling(end), Part.At.ToMicros() + 1);
        Times = new(Part.Epochs, Part.At);
        Sentences = new(Part, Times);
        SearchLimit limit = new(cancellationToken);
        Jobs = [.. JobLayers.Of(Part).Select(layers => new JobReading(layers, new(layers, Part, Times), (From, To), new(limit)))];
        byId = Jobs.ToDictionary(reading => reading.Layers.Job);
        Know(Part.Runs);
        List<RunSpan> counts = [];
        areLookedUp = Jobs.Sum(read => read.Expected) <= MaxKeys;
        foreach (var reading in Jobs)
        {
            List<Run> open = [.. reading.Known.Where(run => run.State != RunState.Ended)];
            foreach (var stretch in reading.Stretches) Count(reading, stretch, open, counts);
        }

        return Asked(counts, []);
    }

    /// <summary>Asks for the numbers of runs of a stretch: of the whole stretch, and of each expected fire time if there are
    /// few, because a missing run and a run too many do not show in a sum.</summary>
    void Count(JobReading reading, Stretch stretch, List<Run> open, List<RunSpan> counts)
    {
        var number = reading.Layers.Stored.Number;
        Ask(new(number, stretch.From, stretch.To), stretch.Add);
        HashSet<long> expected = [];
        if (areLookedUp)
        {
            stretch.LookUp();
            foreach (var at in stretch.FireTimes())
            {
                expected.Add(at);
                Ask(RunSpan.Of(number, at), stretch.AddFound);
            }
        }

        // A fire time with a run that never began may wait or run again.
        for (var place = FirstAt(open, stretch.From); place < open.Count && open[place].Id.FireTime < stretch.To; place++)
        {
            var run = open[place];
            var isExpected = expected.Contains(run.Id.FireTime);
            stretch.AddOpen(run, isExpected);
            Ask(RunSpan.Of(number, run.Id.FireTime), count => stretch.TakeBack(count, isExpected));
        }

        void Ask(RunSpan span, Action<RunCount> add)
        {
            counts.Add(span);
            counted.Add(add);
        }
    }

    /// <summary>Returns the place of the first run at or after an instant.</summary>
    static int FirstAt(List<Run> open, long instant) =>
        Bisection.Leading(open.Count, (open, instant), static (at, place) => at.open[place].Id.FireTime < at.instant);

    /// <summary>Asks for the runs of stretches that do not add up.</summary>
    RunReads? More()
    {
        List<RunSpan> counts = [], rows = [];
        foreach (var reading in Jobs)
        {
            List<Run> open = [.. reading.Known.Where(run => run.State != RunState.Ended)];
            rows.AddRange(reading.Unknown(read.Add, Afford, piece => Count(reading, piece, open, counts)));
        }

        return Asked(counts, rows);

        bool Afford(long runs)
        {
            if (runs > affordable) return false;
            affordable -= runs;
            return true;
        }
    }

    /// <summary>Asks once for the runs in the stretches without an active node.</summary>
    RunReads? Gaps()
    {
        if (areGapsAsked || Jobs.Count == 0) return null;
        areGapsAsked = true;
        var number = job is null ? RunSpan.AllJobs : Jobs[0].Layers.Stored.Number;
        var from = Math.Max(From, Part.State.CompleteSince?.ToMicros() ?? From);
        List<RunSpan> rows = [.. Times.Within(From, To).Select(gap => new RunSpan(number, Math.Max(gap.From, from), Math.Min(gap.To, To)))
            .Where(span => span.From < span.To)];
        if (rows.Count == 0) return null;
        limitOfGaps = RunReads.MaxRows;
        return new() { Rows = rows, Limit = RunReads.MaxRows };
    }

    /// <summary>Returns the first whole microsecond at or after an instant.</summary>
    static long Ceiling(DateTimeOffset instant) => instant.ToMicros() + (instant.ToWholeMicros() < instant ? 1 : 0);

    static RunReads? Asked(List<RunSpan> counts, List<RunSpan> rows) =>
        counts.Count + rows.Count == 0 ? null : new() { Counts = counts, Rows = rows };

    void Know(IEnumerable<Run> runs)
    {
        foreach (var run in runs)
            if (run.Id.Number == 0 && byId.TryGetValue(run.Job, out var reading)) reading.Know(run);
    }

    /// <summary>Compares expected fire times and records. Called once, after the snapshot was read.</summary>
    /// <param name="part">The answer of the store.</param>
    public void Judge(LedgerPart part)
    {
        Part = part;
        foreach (var reading in Jobs)
        {
            reading.Judge();
            Contradictions.OfJob(reading, Times, (From, To), cancellationToken);
        }

        EpochFaults = [.. Contradictions.OfEpochs(Part, Times, Jobs, (From, To)), .. Contradictions.OfValues(Part, byId)];
    }

    /// <summary>The runs of fire times that began and did not succeed, oldest first.</summary>
    public IEnumerable<Run> Troubled => Part.Runs.Where(run => run is { Id.Number: 0, State: RunState.Ended }
        && run.Outcome is not (Outcome.Succeeded or Outcome.Missed) && run.Id.FireTime >= From && run.Id.FireTime < To);

    /// <summary>Returns the beginning of the complete record if the beginning lies inside the span, or null.</summary>
    /// <param name="layers">The job, or null for the record of all jobs.</param>
    public DateTimeOffset? CompleteSince(JobLayers? layers)
    {
        var since = Part.State.CompleteSince;
        if (layers?.Stored.TrimmedBefore is { } trimmed && !(trimmed <= since)) since = trimmed;
        if (layers?.Actions is [{ Version: 1 } first, ..] && !(first.At <= since)) since = first.At;
        return since?.ToMicros() > From && since < End ? since : null;
    }

    /// <summary>Returns the text of a job: in the zone of its trigger, or in UTC for a job without a trigger.</summary>
    public LedgerText TextFor(JobReading reading, Language language)
    {
        var trigger = reading.Layers.Stored.Job.Trigger ?? (reading.Layers.Definitions is [.., var last] ? last.Job.Trigger : null);
        return TextIn(trigger?.Zone ?? ZoneClock.Utc, language);
    }

    /// <summary>Returns the text of a zone. The day of the end of the span is shown without a date.</summary>
    public LedgerText TextIn(ZoneClock zone, Language language) => new(language, zone, Instant.FromMicros(To - 1));

    public static LedgerAccount Account(in Tally tally, bool balanced, Language language) => new()
    {
        Due = tally.Due,
        Ran = tally.Ran,
        Running = tally.Running,
        Skipped = tally.Skipped,
        Missed = tally.Missed,
        Unsuccessful = tally.Unsuccessful,
        MadeUp = tally.MadeUp,
        Balanced = balanced && tally.IsBalanced,
        Sentence = LedgerText.Say(language, "Account", tally.Due, tally.Ran, tally.Running, tally.Skipped, tally.Missed,
            LedgerText.Say(language, balanced && tally.IsBalanced ? "Account.Balanced" : "Account.NotBalanced")),
    };

    public LedgerItem Of(NotRun item, LedgerText text)
    {
        var zone = item.Definition?.Trigger?.Zone ?? ZoneClock.Utc;
        return new()
        {
            Job = item.Job.Job,
            First = zone.ToZone(Instant.FromMicros(item.First)),
            Last = zone.ToZone(Instant.FromMicros(item.Last)),
            Count = item.Count,
            Reason = item.Reason,
            Kind = item.Kind,
            IsDecided = item.IsDecided,
            Sentence = Sentences.Of(item, text, Into(item)),
            Advice = ReasonText.Advice(item.Reason, text.Language),
        };
    }

    /// <summary>Returns the cause of fire times that did not run, as a part of a sentence.</summary>
    public string CauseOf(NotRun item, LedgerText text) => Sentences.Cause(item, text, Into(item));

    /// <summary>Returns the reason for which fire times that merged or exceeded their grace were late, or null.</summary>
    public Reason? LateFor(NotRun item) =>
        item.Reason is Reason.Coalesced or Reason.MisfireGraceExceeded ? Sentences.LateFor(item, Into(item)) : null;

    /// <summary>Returns the record that the cause names beside the gap, the pause and the action of an item, or null.</summary>
    public object? SourceOf(NotRun item) => Sentences.Source(item, Into(item));

    Run? Into(NotRun item) => item.Into is { } later ? byId[item.Job.Job].RunAt(later) : null;
}
