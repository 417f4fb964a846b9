using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Adds up the expected fire times of all jobs against the records of the ledger. Pure.</summary>
static class Audit
{
    /// <summary>Returns the audit of a span.</summary>
    /// <param name="reading">The judged accounts.</param>
    /// <param name="language">The language of the sentences.</param>
    public static AuditReport Of(LedgerReading reading, Language language)
    {
        var texts = reading.Jobs.ToDictionary(job => job.Layers, job => reading.TextFor(job, language));
        var common = reading.TextIn(CommonZone(reading), language);
        List<NotRun> items = [.. reading.Jobs.SelectMany(job => job.Items).OrderBy(item => item.First).ThenBy(item => item.Job.Job)];
        List<Fault> faults =
        [
            .. reading.Jobs.SelectMany(job => job.Faults).Concat(reading.EpochFaults)
                .OrderBy(fault => fault.At).ThenBy(fault => fault.Job?.Job.Value, StringComparer.Ordinal),
        ];
        var causes = Causes(reading, items, common);
        var activations = reading.Sentences.Activations(reading.From, reading.To, AuditReport.MaxRows, common, out var isCut);
        return new()
        {
            From = reading.Begin,
            To = reading.End,
            At = reading.Part.At,
            CompleteSince = reading.Jobs.Select(job => reading.CompleteSince(job.Layers)).Append(reading.CompleteSince(null)).Max(),
            Account = LedgerReading.Account(Sum(reading.Jobs), faults.Count == 0, language),
            Jobs =
            [
                .. reading.Jobs.Where(job => job.Tally.Due > 0 || job.Faults.Count > 0).Select(job => new JobAccount
                {
                    Job = job.Layers.Job,
                    Account = LedgerReading.Account(job.Tally, job.Faults.Count == 0, language),
                    CompleteSince = reading.CompleteSince(job.Layers),
                }),
            ],
            Activations = activations,
            Items = [.. items.TakeLast(AuditReport.MaxRows).Select(item => reading.Of(item, texts[item.Job]))],
            Causes = [.. causes.Take(AuditReport.MaxRows)],
            Imbalances =
            [
                .. faults.Take(AuditReport.MaxRows)
                    .Select(fault => LedgerSentences.Of(fault, fault.Job is null ? common : texts[fault.Job])),
            ],
            IsCut = isCut || reading.AreGapsCut || reading.Jobs.Any(job => job.IsCut || job.AreRowsCut)
                || Math.Max(items.Count, Math.Max(causes.Count, faults.Count)) > AuditReport.MaxRows,
        };
    }

    /// <summary>Returns the zone of all triggers, or UTC if the zones differ.</summary>
    static ZoneClock CommonZone(LedgerReading reading)
    {
        List<ZoneClock> zones =
            [.. reading.Jobs.Select(job => job.Layers.Stored.Job.Trigger?.Zone).OfType<ZoneClock>().DistinctBy(zone => zone.Name)];
        return zones is [var only] ? only : ZoneClock.Utc;
    }

    static Tally Sum(IEnumerable<JobReading> jobs)
    {
        var sum = default(Tally);
        foreach (var job in jobs) sum += job.Tally;
        return sum;
    }

    static List<LedgerCause> Causes(LedgerReading reading, IEnumerable<NotRun> items, LedgerText text)
    {
        List<LedgerCause> causes = [];
        foreach (var cause in items.GroupBy(item => KeyOf(reading, item)))
        {
            List<JobId> jobs = [.. cause.Select(item => item.Job.Job).Distinct().Order()];
            var first = cause.First();
            var count = cause.Sum(item => item.Count);
            var why = reading.CauseOf(first, text);
            var fate = cause.Any(item => item.IsDecided) ? first.Kind.ToString() : "Open";
            causes.Add(new()
            {
                Reason = first.Reason,
                Kind = first.Kind,
                First = text.Zone.ToZone(Instant.FromMicros(first.First)),
                Last = text.Zone.ToZone(Instant.FromMicros(cause.Max(item => item.Last))),
                Count = count,
                JobCount = jobs.Count,
                Jobs = [.. jobs.Take(LedgerCause.MaxJobs)],
                Sentence = jobs is not [var job] ? text.Say($"Jobs.Many.{fate}", count, jobs.Count, why)
                    : count == 1 ? text.Say($"Jobs.One.{fate}", job.Value, why)
                    : text.Say($"Jobs.{fate}", count, job.Value, why),
                Advice = ReasonText.Advice(first.Reason, text.Language),
            });
        }

        return [.. causes.OrderBy(cause => cause.Kind == ItemKind.Missed ? 0 : 1).ThenBy(cause => cause.First)];
    }

    /// <summary>Returns what items of a single cause have in common: the gap, the pause, the action, the record that made them
    /// late, or the job if no record is known.</summary>
    static (Reason Reason, object Source) KeyOf(LedgerReading reading, NotRun item) => (item.Reason, item switch
    {
        { Gap: { } gap } => gap,
        { Pause: { } pause } => pause.Pause,
        { Action: { } action } => action,
        _ when reading.SourceOf(item) is { } source => source,
        { Reason: Reason.StoreUnavailable or Reason.ClockJump or Reason.SchedulerPaused } => item.Reason,
        _ => item.Job,
    });
}
