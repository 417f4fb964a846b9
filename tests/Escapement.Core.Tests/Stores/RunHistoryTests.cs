using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Xunit;

namespace Escapement.Core.Tests.Stores;

/// <summary>The history of the memory store, compared with a sorted list.</summary>
public sealed class RunHistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_history_answers_as_a_sorted_list_and_a_snapshot_stays_as_it_is(int seed)
    {
        Random random = new(seed);
        RunHistory history = new();
        SortedSet<RunId> naive = new(Comparer<RunId>.Create(RunPages.Compare));
        List<(RunHistory History, List<RunId> Runs)> snapshots = [];
        for (var step = 0; step < 30_000; step++)
        {
            RunId id = new(random.Next(-50, 50) * (seed == 3 ? 1 : 1_000_000_000L), random.Next(1, 400), random.Next(3) == 0 ? random.Next(5) : 0);
            if (random.Next(4) == 0)
            {
                Assert.Equal(naive.Remove(id), history.Remove(id));
            }
            else
            {
                naive.Add(id);
                history.Set(id, Row());
            }

            if (step % 10_000 == 5_000) snapshots.Add((history.Snapshot(), [.. naive]));
        }

        snapshots.Add((history, [.. naive]));
        foreach (var (seen, runs) in snapshots)
        {
            Assert.Equal(runs, seen.Newest(long.MinValue, new(long.MaxValue, long.MaxValue, long.MaxValue)).Select(run => run.Id).Reverse());
            var (since, before) = (runs[runs.Count / 3].FireTime, runs[runs.Count / 2]);
            Assert.Equal(runs.Where(run => run.FireTime >= since && RunPages.Compare(run, before) < 0), seen.Newest(since, before).Select(run => run.Id).Reverse());
            RunSpan span = new(7, since, before.FireTime + 1);
            var expected = runs.Where(run => run is { Job: 7, Number: 0 } && run.FireTime >= since && run.FireTime <= before.FireTime).ToList();
            Assert.Equal(expected, seen.Rows(span).Select(run => run.Id));
            Assert.Equal([expected.Count, runs.Count(run => run == new RunId(since, 9, 0))], seen.Count([span, RunSpan.Of(9, since)]).Select(count => (int)count.Ran));
            Assert.Equal(runs.Count(run => run.FireTime < since), seen.EndedBefore(since, int.MaxValue).Count);
            Assert.All(runs.Take(1_000), run => Assert.True(seen.TryGet(run, out _)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_change_beside_a_snapshot_copies_a_bounded_number_of_runs(bool isSameFireTime)
    {
        RunHistory history = new();
        for (var i = 0; i < 50_000; i++) history.Set(new(isSameFireTime ? 0 : i, i + 1, 0), Row());

        Assert.True(history.Sizes.Max() <= RunHistory.MaxBucket);
        Assert.Equal(50_000, history.Sizes.Sum());
        Assert.True(history.Sizes.Count() < 50);
        foreach (var run in history.EndedBefore(1_000_000, int.MaxValue)) history.Remove(run);
        Assert.Equal([0], history.Sizes);
    }

    static RunRow Row() => new(0, 1, 1, 1) { Outcome = Outcome.Succeeded };
}
