using System.Globalization;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.TestProcesses;

/// <summary>
/// The combined balance of the store and the handlers' journals.
/// Each fire time is accounted for, and none starts twice.
/// </summary>
/// <param name="Due">The number of fire times from the first to the last accounted fire time of each job.</param>
/// <param name="Runs">The number of fire times with runs.</param>
/// <param name="Interrupted">The number of runs with an interrupted outcome.</param>
/// <param name="Entries">The number of fire times in entries.</param>
/// <param name="Unaccounted">The fire times without a run and an entry. Must be empty.</param>
/// <param name="StartedTwice">The fire times whose handler started more than once. Must be empty.</param>
public sealed record Account(long Due, long Runs, long Interrupted, long Entries, IReadOnlyList<string> Unaccounted,
    IReadOnlyList<string> StartedTwice)
{
    /// <summary>Gets whether the ledger balances.</summary>
    public bool Balances => Unaccounted.Count == 0 && StartedTwice.Count == 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Due} due = {Runs} runs ({Interrupted} interrupted) + {Entries} in entries; {Unaccounted.Count} lost, {StartedTwice.Count} started twice");

    /// <summary>Reads all runs of a store, page by page.</summary>
    public static async Task<List<Run>> AllRunsAsync(IJobStore store)
    {
        List<Run> runs = [];
        for (RunPage? page = null; page is null or { Next: not null }; runs.AddRange(page.Runs))
            page = await store.RunsAsync(new() { Before = page?.Next, Limit = RunQuery.MaxLimit }, CancellationToken.None);
        return runs;
    }

    /// <summary>Sums up the jobs whose id begins with the prefix.</summary>
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

        var twice = journals.SelectMany(File.ReadLines).Select(line => line.Split(' ')).Where(words => words is ["start", _, _, _, _, _])
            .GroupBy(words => words[2]).Where(starts => starts.Count() > 1).Select(starts => starts.Key).ToList();
        return new(due, ran, interrupted, inEntries, lost, twice);
    }
}
