using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Answers why fire times of a job did not run, from a snapshot of the ledger. Pure.</summary>
static class Why
{
    /// <summary>Returns the answer for a job.</summary>
    /// <param name="reading">The judged account.</param>
    /// <param name="job">The job.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public static WhyReport Of(LedgerReading reading, JobId job, Language language)
    {
        if (reading.Jobs is not [var read]) throw new JobNotFoundException(job);
        var text = reading.TextFor(read, language);
        List<Fault> faults = [.. read.Faults.Concat(reading.EpochFaults).OrderBy(fault => fault.At)];
        var activations = reading.Sentences.Activations(reading.From, reading.To, WhyReport.MaxRows, text, out var isCut);
        var changes = LedgerChange.Of(read.Layers, reading.Begin, reading.End, text);
        var madeUp = MadeUp.Of(reading, read, text);
        List<Run> troubled = [.. reading.Troubled];
        return new()
        {
            Job = job,
            From = reading.Begin,
            To = reading.End,
            At = reading.Part.At,
            CompleteSince = reading.CompleteSince(read.Layers),
            Ended = LedgerSentences.OfEnd(read.Layers, text),
            Account = LedgerReading.Account(read.Tally, faults.Count == 0, language),
            Activations = activations,
            Changes = [.. changes.TakeLast(WhyReport.MaxRows)],
            Items = [.. read.Items.TakeLast(WhyReport.MaxRows).Select(item => reading.Of(item, text))],
            MadeUp = [.. madeUp.TakeLast(WhyReport.MaxRows)],
            Unsuccessful = [.. troubled.TakeLast(WhyReport.MaxRows).Select(RunInfo.Of)],
            Imbalances = [.. faults.Take(WhyReport.MaxRows).Select(fault => LedgerSentences.Of(fault, text))],
            IsCut = isCut || reading.AreGapsCut || read.IsCut || read.AreRowsCut || Math.Max(read.Items.Count, madeUp.Count) > WhyReport.MaxRows
                || Math.Max(faults.Count, changes.Count) > WhyReport.MaxRows
                || Math.Max(troubled.Count, read.Tally.Unsuccessful) > WhyReport.MaxRows,
        };
    }
}
