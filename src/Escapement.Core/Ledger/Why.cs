using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Answers why fire times of a job did not run, from a snapshot of the ledger. Pure.</summary>
public static class Why
{
    /// <summary>Returns the answer for a job and a span.</summary>
    /// <param name="part">The layers of the job for the span, with its runs.</param>
    /// <param name="job">The job.</param>
    /// <param name="from">The inclusive beginning of the span.</param>
    /// <param name="to">The exclusive end of the span.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <exception cref="JobNotFoundException">The part has no such job.</exception>
    public static WhyReport Of(LedgerPart part, JobId job, DateTimeOffset from, DateTimeOffset to, Language language)
    {
        ArgumentNullException.ThrowIfNull(part);
        LedgerReading reading = new(part, from, to);
        if (reading.Jobs.FirstOrDefault(found => found.Layers.Job == job) is not { } read) throw new JobNotFoundException(job);
        var text = LedgerReading.TextFor(read, to, language);
        var faults = read.Faults;
        List<Run> troubled = [.. reading.Troubled.Where(run => run.Job == job)];
        return new()
        {
            Job = job,
            From = from,
            To = to,
            At = part.At,
            CompleteSince = reading.CompleteSince(read.Layers),
            Account = LedgerReading.Account(read.Tally, faults.Count == 0, language),
            Activations = reading.Sentences.Activations(reading.From, reading.To, text),
            Items = [.. read.Items.TakeLast(WhyReport.MaxRows).Select(item => reading.Of(item, text))],
            Unsuccessful = [.. troubled.TakeLast(WhyReport.MaxRows).Select(RunInfo.Of)],
            Imbalances = [.. faults.Take(WhyReport.MaxRows).Select(fault => LedgerSentences.Of(fault, text))],
            IsCut = read.Items.Count > WhyReport.MaxRows || troubled.Count > WhyReport.MaxRows || faults.Count > WhyReport.MaxRows,
        };
    }
}
