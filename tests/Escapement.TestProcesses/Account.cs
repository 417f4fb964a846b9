using System.Globalization;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.TestProcesses;

/// <summary>What the store and the handlers' journals say together: every fire time accounted for, none started twice.</summary>
/// <param name="Due">Fire times from the first to the last accounted one of each job.</param>
/// <param name="Runs">Those that became runs.</param>
/// <param name="Interrupted">Runs that ended as interrupted.</param>
/// <param name="Entries">Fire times that are in entries.</param>
/// <param name="Unaccounted">Those that are in neither; must be none.</param>
/// <param name="StartedTwice">Fire times whose handler started more than once; must be none.</param>
public sealed record Account(long Due, long Runs, long Interrupted, long Entries, IReadOnlyList<string> Unaccounted,
    IReadOnlyList<string> StartedTwice)
{
    /// <summary>Whether the ledger balances.</summary>
    public bool Balances => Unaccounted.Count == 0 && StartedTwice.Count == 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Due} due = {Runs} runs ({Interrupted} interrupted) + {Entries} in entries; {Unaccounted.Count} lost, {StartedTwice.Count} started twice");

    /// <summary>All runs of a store, paged.</summary>
    public static async Task<List<Run>> AllRunsAsync(IJobStore store)
    {
        List<Run> runs = [];
        for (RunPage? page = null; page is null or { Next: not null }; runs.AddRange(page.Runs))
            page = await store.RunsAsync(new() { Before = page?.Next, Limit = RunQuery.MaxLimit }, CancellationToken.None);
        return runs;
    }

    /// <summary>Adds up the jobs whose id begins so.</summary>
    public static async Task<Account> TakeAsync(IJobStore store, string prefix, IEnumerable<string> journals)
    {
        var jobs = ((await store.JobsAsync(JobQuery.All, CancellationToken.None)).Jobs)
            .Where(job => job.Job.Id.Value.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var runs = (await AllRunsAsync(store)).Where(run => run.Id.Number == 0).ToLookup(run => run.Job);
        var entries = (await store.LedgerAsync(new() { Runs = false }, CancellationToken.None)).Entries.ToLookup(entry => entry.Job);
        long due = 0, ran = 0, interrupted = 0, inEntries = 0;
        List<string> lost = [];
        foreach (var job in jobs)
        {
            var times = runs[job.Job.Id].Select(run => run.FireTime).ToHashSet();
            var mine = entries[job.Job.Id].ToList();
            if (times.Count == 0 && mine.Count == 0) continue;
            interrupted += runs[job.Job.Id].Count(run => run.Outcome == Outcome.Interrupted);
            var first = times.Concat(mine.Select(entry => entry.First)).Min();
            for (DateTimeOffset? at = first; at < job.Next; at = job.Job.Trigger!.Next(at.Value.AddTicks(10)))
            {
                due++;
                if (times.Contains(at.Value.ToUniversalTime())) ran++;
                else if (mine.Any(entry => entry.First <= at && at <= entry.Last)) inEntries++;
                else lost.Add($"{job.Job.Id} {at:O}");
            }
        }

        var twice = journals.SelectMany(File.ReadLines).Select(line => line.Split(' ')).Where(words => words is ["start", _, _, _, _])
            .GroupBy(words => words[2]).Where(starts => starts.Count() > 1).Select(starts => starts.Key).ToList();
        return new(due, ran, interrupted, inEntries, lost, twice);
    }
}
