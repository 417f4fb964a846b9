using Escapement.Ledger;
using Xunit;

namespace Escapement.Simulation.Tests;

/// <summary>A year of 1,000 mixed jobs, from the real engine and the store in memory.</summary>
public sealed class YearTests
{
    [Fact]
    public async Task A_year_of_a_thousand_jobs_has_the_same_balanced_ledger_each_time()
    {
        var years = await Task.WhenAll(Task.Run(Year), Task.Run(Year));
        Assert.Equal(years[0].Digest, years[1].Digest);
        Assert.Empty(years[0].Audit.Imbalances.Select(fault => fault.Sentence));
        var account = years[0].Audit.Account;
        Assert.True(account.Balanced, account.Sentence);
        Assert.InRange(account.Due, 2_000_000, 2_500_000);
        Assert.All([account.Ran, account.Skipped, account.Missed, account.Unsuccessful], count => Assert.InRange(count, 1_000, account.Due));
        Assert.InRange(years[0].Ledger.Epochs.Count, 50, 1_000);
        Assert.True(years[0].Ledger.Marks.Count(mark => mark.Kind == MarkKind.ClockJump) > 5);
    }

    static Task<YearResult> Year() => YearRun.OfAsync(new(seed: 1, jobs: 1000, length: TimeSpan.FromDays(365)));
}
