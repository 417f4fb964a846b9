using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of stored jobs when a node with different declarations becomes active.</summary>
public sealed class ReconcilerTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly FakeTimeProvider clock = new(Start);

    Task BringInLineAsync(MemoryStore store, NamedDates holidays)
    {
        var locks = new FreeLocks();
        var context = new NodeContext(
            new("node", 1, "here", Start, null), store, locks,
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var declared = Declarations.None with { ExcludedDates = new Dictionary<string, NamedDates> { ["holidays"] = holidays } };
        return new Reconciler(context, new HashSet<string> { "note" }, _ => declared).RunAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_job_added_at_run_time_follows_the_days_of_a_set_that_it_names()
    {
        await using var store = new MemoryStore(clock);
        await store.OpenAsync("tests", CancellationToken.None);
        var holidays = new Dictionary<string, NamedDates> { ["holidays"] = new("holidays", ["2030-01-02"]) };
        var trigger = TriggerText.Parse("0 9 * * * except holidays", new(ZoneClock.Utc, Start) { Dates = holidays });
        var job = new Job { Id = JobId.Parse("j"), Name = "j", Handler = "note", Trigger = trigger };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, CancellationToken.None);
        Assert.Equal([1, 3, 4], await NextDaysAsync());

        await BringInLineAsync(store, new("holidays", ["2030-01-03"]));
        Assert.Equal([1, 2, 4], await NextDaysAsync());

        var version = (await StoredAsync()).Version;
        await BringInLineAsync(store, new("holidays", ["2030-01-03"]));
        Assert.Equal(version, (await StoredAsync()).Version);

        async Task<StoredJob> StoredAsync() => Assert.Single((await store.JobsAsync(new() { Id = job.Id }, CancellationToken.None)).Jobs);

        async Task<List<int>> NextDaysAsync()
        {
            var stored = (await StoredAsync()).Job.Trigger!;
            List<int> days = [];
            for (var at = stored.Next(Start); days.Count < 3; at = stored.Next(at!.Value.AddTicks(1))) days.Add(at!.Value.Day);
            return days;
        }
    }
}
