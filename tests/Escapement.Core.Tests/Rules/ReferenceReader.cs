using Escapement.Ledger;
using Xunit;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// Reads the layers of a job's ledger by the rules of
/// <c>docs/ledger.md</c>, fire time by fire time, without regard to speed.
/// </summary>
sealed class ReferenceReader(LedgerPart part)
{
    const string Nothing = "nothing";

    readonly StoredJob job = part.Jobs[0];
    readonly HashSet<DateTimeOffset> runs = [.. part.Runs.Where(run => run.Id.Number == 0).Select(run => run.FireTime)];
    readonly List<(long Change, Entry? Entry, JobAction? Action)> log =
    [
        .. part.Entries.Select(entry => (entry.Change, (Entry?)entry, (JobAction?)null))
            .Concat(part.Actions.Where(action => action.Job is not null)
                .Select(action => (action.Change, (Entry?)null, (JobAction?)action)))
            .OrderBy(row => row.Item1),
    ];

    /// <summary>
    /// Returns the fate of each fire time for which the definitions account, from an inclusive to an exclusive bound.
    /// Pending fire times are omitted.
    /// </summary>
    public SortedDictionary<DateTimeOffset, string> Read(DateTimeOffset from, DateTimeOffset to)
    {
        SortedDictionary<DateTimeOffset, string> read = [];
        foreach (var definition in part.Definitions)
        {
            var end = definition.To < to ? definition.To.Value : to;
            if (definition.To is null && job.Next < end) end = job.Next.Value;
            var begin = definition.From > from ? definition.From : from;
            for (var at = definition.Job.Trigger!.Next(begin); at < end; at = definition.Job.Trigger.Next(at.Value.AddMicroseconds(1)))
            {
                Assert.True(read.TryAdd(at.Value, CoverOf(at.Value)), "Two definitions account for one fire time.");
            }
        }

        return read;
    }

    string CoverOf(DateTimeOffset fireTime)
    {
        if (runs.Contains(fireTime)) return "run";
        var cover = Nothing;
        foreach (var (_, entry, action) in log)
        {
            if (entry is not null)
            {
                if (entry.First <= fireTime && fireTime <= entry.Last) cover = $"{entry.Reason}";
            }
            else if (fireTime >= action!.To)
            {
                cover = Nothing;
            }
            else if (fireTime >= action.From)
            {
                cover = $"{action.Kind}";
            }
        }

        return cover;
    }
}
