using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Stores;

/// <summary>Pages of fire times that did not run.</summary>
public sealed class EntryPageTests : StoreContract<MemoryStoreUnderTest>
{
    [Fact]
    public async Task A_search_that_is_cut_says_how_far_it_looked_and_continues_there()
    {
        const int jobs = 300;
        var seconds = (LedgerQuery.MaxTroubled / jobs) + 2;
        for (var job = 0; job < jobs; job++) await AddAsync($"j{job}", Every(1), Options(grace: 60));
        await BeginAsync();
        for (var second = 0; second < seconds; second++)
        {
            MoveTo(second);
            var claimed = await ClaimAsync(places: jobs);
            Assert.Equal(jobs, claimed.Runs.Count);
            await Store.RecordAsync([.. claimed.Runs.Select(run => End(run, Outcome.Missed) with { StartedAt = null, Reason = Reason.Fenced })]);
        }

        var newest = await PageAsync(new() { From = At(0), To = At(seconds), Limit = EntryQuery.MaxLimit });
        Assert.Equal((null, At(1).AddMicroseconds(1)), (newest.Next, newest.LookedTo));
        Assert.Equal(jobs * (seconds - 2L), newest.Items.Sum(item => item.Count));
        var rest = await PageAsync(new() { From = At(0), To = newest.LookedTo, Limit = EntryQuery.MaxLimit });
        Assert.Equal((null, null), (rest.Next, rest.LookedTo));
        Assert.Equal(jobs * 2L, rest.Items.Sum(item => item.Count));
    }

    [Fact]
    public async Task Stretches_with_the_same_first_fire_time_are_on_one_page_each()
    {
        foreach (var job in (string[])["a", "b", "c"]) await AddAsync(job, Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(25);
        await ClaimAsync();
        List<string> seen = [];
        for (string? next = null; seen.Count == 0 || next is not null;)
        {
            var page = await PageAsync(new() { From = At(0), To = At(25), Limit = 2, Before = next });
            seen.AddRange(page.Items.Select(item => item.Job.Value));
            next = page.Next;
        }

        Assert.Equal(["c", "b", "a"], seen);
        var wrong = await Assert.ThrowsAsync<FormatException>(() => PageAsync(new() { Before = "a" }));
        Assert.StartsWith("before is 'a'; the place of an entry is allowed", wrong.Message, StringComparison.Ordinal);
    }

    Task<EntryPage> PageAsync(EntryQuery query) => Store.EntriesAsync(query, Language.English, None);
}
