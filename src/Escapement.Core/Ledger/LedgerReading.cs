using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Reads the account of each job of a part of the ledger.</summary>
sealed class LedgerReading
{
    readonly LedgerPart part;

    /// <param name="part">The part, with the runs of the span.</param>
    /// <param name="from">The inclusive beginning of the span.</param>
    /// <param name="to">The exclusive end of the span.</param>
    public LedgerReading(LedgerPart part, DateTimeOffset from, DateTimeOffset to)
    {
        this.part = part;
        From = from.ToMicros();
        To = Math.Min(to.ToMicros(), part.At.ToMicros() + 1);
        ActiveTimes times = new(part.Epochs);
        Sentences = new(part, times);
        Jobs = [.. JobLayers.Of(part).Select(layers => new JobReading(layers, part, times, From, To))];
        var runs = part.Runs.Where(run => run.Cause != RunCause.Enqueued).ToLookup(run => run.Job);
        foreach (var job in Jobs)
        {
            foreach (var run in runs[job.Layers.Job]) job.Know(run);
            job.Judge();
        }
    }

    /// <summary>The beginning in microseconds since 1970-01-01 UTC.</summary>
    public long From { get; }

    /// <summary>The end in microseconds since 1970-01-01 UTC: the end of the span, or the snapshot.</summary>
    public long To { get; }

    public IReadOnlyList<JobReading> Jobs { get; }

    public LedgerSentences Sentences { get; }

    /// <summary>The runs of fire times that began and did not succeed, oldest first.</summary>
    public IEnumerable<Run> Troubled => part.Runs.Where(run => run is { Cause: not RunCause.Enqueued, State: RunState.Ended }
        && run.Outcome is not (Outcome.Succeeded or Outcome.Missed) && run.Id.FireTime >= From && run.Id.FireTime < To);

    /// <summary>Returns the beginning of the complete record of a job if the beginning lies inside the span, or
    /// null.</summary>
    public DateTimeOffset? CompleteSince(JobLayers layers)
    {
        var since = layers.Stored.TrimmedBefore;
        if (layers.Actions is [{ Version: 1 } first, ..] && !(first.At <= since)) since = first.At;
        return since?.ToMicros() > From ? since : null;
    }

    /// <summary>Returns the text of a job: in the zone of its trigger, or in UTC for a job without a trigger.</summary>
    public static LedgerText TextFor(JobReading job, DateTimeOffset to, Language language)
    {
        var trigger = job.Layers.Stored.Job.Trigger ?? (job.Layers.Definitions is [.., var last] ? last.Job.Trigger : null);
        return new(language, trigger?.Zone ?? ZoneClock.Utc, to.Minus(TimeSpan.FromMicroseconds(1)));
    }

    public static LedgerAccount Account(in Tally tally, bool balanced, Language language) => new()
    {
        Due = tally.Due,
        Ran = tally.Ran,
        Running = tally.Running,
        Skipped = tally.Skipped,
        Missed = tally.Missed,
        Unsuccessful = tally.Unsuccessful,
        MadeUp = tally.MadeUp,
        Balanced = balanced,
        Sentence = LedgerText.Say(language, "Account", tally.Due, tally.Ran, tally.Running, tally.Skipped, tally.Missed,
            LedgerText.Say(language, balanced ? "Account.Balanced" : "Account.NotBalanced")),
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
            Sentence = Sentences.Of(item, text),
            Advice = ReasonText.Advice(item.Reason, text.Language),
        };
    }
}
