using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing;

/// <summary>What is read of runs and entries, and what is let go.</summary>
public abstract class LedgerContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Runs_are_read_newest_first_and_page_by_page()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await AddAsync("k", Every(10), Options(maxInstances: null));
        await RunForAsync(steps: 5);

        List<RunId> read = [];
        for (RunId? before = null; ;)
        {
            var page = await Store.RunsAsync(new(Before: before, Limit: 3), None);
            if (page.Count == 0) break;
            Assert.True(page.Count <= 3);
            read.AddRange(page.Select(run => run.Id));
            before = page[^1].Id;
        }

        Assert.Equal(10, read.Distinct().Count());
        Assert.Equal([40, 40, 30, 30, 20, 20, 10, 10, 0, 0], read.Select(id => (Instant.FromMicros(id.FireTime) - Start).TotalSeconds));
    }

    [Fact]
    public async Task Runs_are_read_of_one_job_and_from_an_instant_on()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await AddAsync("k", Every(10), Options(maxInstances: null));
        await RunForAsync(steps: 5);

        Assert.Equal([40, 30, 20], Seconds(await Store.RunsAsync(new(Job: Id("j"), Since: At(20)), None)));
        Assert.Equal([40, 30], Seconds(await Store.RunsAsync(new(Job: Id("k"), Limit: 2), None)));
        Assert.All(await Store.RunsAsync(new(Job: Id("j")), None), run => Assert.Equal(Id("j"), run.Job));
        Assert.Empty(await Store.RunsAsync(new(Job: Id("nobody")), None));
        Assert.Empty(await Store.RunsAsync(new(Id: new(1, 1, 1)), None));
    }

    [Fact]
    public async Task Waiting_runs_are_read_only_by_their_id()
    {
        await AddAsync("j", null);
        var asked = await AskAsync("j");

        Assert.Empty(await Store.RunsAsync(new(Job: Id("j")), None));
        Assert.Equal(RunState.Waiting, (await RunAsync(asked.Run)).State);
    }

    [Fact]
    public async Task The_runs_of_a_removed_job_stay_readable()
    {
        await AddAsync("j", Every(10));
        await RunForAsync(steps: 2);
        await EditAsync(JobEdits.Remove(Id("j")));

        Assert.Equal([10, 0], Seconds(await Store.RunsAsync(new(Job: Id("j")), None)));
    }

    [Fact]
    public async Task Entries_are_read_of_one_job_or_all_oldest_first()
    {
        await AddAsync("j", Every(20), Options(grace: 1));
        await AddAsync("k", Every(30), Options(grace: 1));
        await RaiseAsync();
        await ClaimAsync();
        foreach (var late in (double[])[25, 35])
        {
            MoveTo(late);
            await ClaimAsync();
        }

        var all = await Store.EntriesAsync(null, DateTimeOffset.MinValue, None);

        Assert.Equal([(Id("j"), At(20)), (Id("k"), At(30))], all.Select(entry => (entry.Job, entry.First)));
        Assert.Equal([Id("k")], (await Store.EntriesAsync(null, At(21), None)).Select(entry => entry.Job));
        Assert.Equal([(20, 20, 1, Reason.MaxInstancesReached)], WithoutGrace(await EntriesAsync("j")));
        Assert.Empty(await Store.EntriesAsync(Id("nobody"), DateTimeOffset.MinValue, None));

        static List<(double, double, long, Reason)> WithoutGrace(List<(double, double, long, Reason Reason)> entries) =>
            [.. entries.Select(entry => entry with { Reason = Reason.MaxInstancesReached })];
    }

    [Fact]
    public async Task An_entry_is_read_by_its_last_fire_time()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await RaiseAsync();
        MoveTo(25);
        await ClaimAsync();

        Assert.Single(await Store.EntriesAsync(Id("j"), At(20), None));
        Assert.Empty(await Store.EntriesAsync(Id("j"), At(20.000001), None));
    }

    [Fact]
    public async Task Old_runs_and_entries_are_trimmed_and_young_ones_stay()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await RunForAsync(steps: 3);
        MoveTo(35);
        await ClaimAsync();
        MoveTo(40);
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(55);
        await ClaimAsync();

        Assert.False(await Store.TrimAsync(At(35), None));

        Assert.Equal([40], Seconds(await Store.RunsAsync(new(), None)));
        Assert.Equal([50], (await EntriesAsync("j")).Select(entry => entry.First));
    }

    [Fact]
    public async Task What_runs_or_waits_is_not_trimmed()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await RaiseAsync();
        MoveTo(10);
        var running = Assert.Single((await ClaimAsync()).Runs);

        Assert.False(await Store.TrimAsync(At(100), None));

        Assert.Equal(RunState.Running, (await RunAsync(running.Id)).State);
        await FinishAsync(running);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Trimming_goes_on_until_it_answers_that_nothing_remains()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await RunForAsync(steps: 40);

        while (await Store.TrimAsync(At(1000), None)) { }

        Assert.Empty(await Store.RunsAsync(new(), None));
    }

    [Fact]
    public async Task A_rehearsal_leaves_no_trace()
    {
        await AddAsync("j", Every(10));
        await AskAsync("j");
        await RaiseAsync("a");
        var before = (await Store.LookAsync(None), await JobAsync("j"));

        await Store.RehearseAsync(Node("b"), new HashSet<string> { Handler }, 3, None);

        var look = await Store.LookAsync(None);
        Assert.Equal((before.Item1.Epoch, before.Item1.State, 0), (look.Epoch, look.State, look.Nodes.Count));
        var job = await JobAsync("j");
        Assert.Equal((before.Item2.Next, before.Item2.Running, before.Item2.Version), (job.Next, job.Running, job.Version));
        Assert.Empty(await Store.RunsAsync(new(), None));
        Assert.Single(await Store.JobsAsync(null, ended: true, None));
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task A_store_that_was_never_used_can_be_rehearsed() =>
        await Store.RehearseAsync(Node("b"), new HashSet<string> { Handler }, 3, None);

    /// <summary>Runs what is due each ten seconds.</summary>
    async Task RunForAsync(int steps)
    {
        await RaiseAsync();
        for (var step = 0; step < steps; step++)
        {
            MoveTo(step * 10);
            await Store.RecordAsync([.. (await ClaimAsync()).Runs.Select(run => End(run))]);
        }
    }

    static List<double> Seconds(IEnumerable<Run> runs) => [.. runs.Select(run => (run.FireTime - Start).TotalSeconds)];

    [Fact]
    public async Task What_became_of_fire_times_that_a_clock_set_back_makes_due_again_is_forgotten()
    {
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: null));
        await RaiseAsync();
        await ClaimAsync();
        MoveTo(95);
        await ClaimAsync();
        var lost = Assert.Single(await Store.EntriesAsync(Id("j"), Start, None));
        Assert.Equal((At(10), At(90), 9), (lost.First, lost.Last, lost.Count));

        MoveTo(35);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(95)));
        var rest = Assert.Single(await Store.EntriesAsync(Id("j"), Start, None));
        Assert.Equal(lost with { Last = At(30), Count = 3 }, rest);
        Assert.Equal(At(40), (await JobAsync("j")).Next);

        MoveTo(40);
        Assert.Equal(At(40), Assert.Single((await ClaimAsync()).Runs).FireTime);
        Assert.Equal(rest, Assert.Single(await Store.EntriesAsync(Id("j"), Start, None)));
    }

    [Fact]
    public async Task What_was_lost_before_an_epoch_that_never_claimed_is_explained_by_the_standstill_before_that()
    {
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: null));
        await RaiseAsync("a");
        await ClaimAsync();
        MoveTo(35);
        await RaiseAsync("b");
        MoveTo(55);
        await RaiseAsync("c");
        await ClaimAsync();

        Assert.Equal([(10, 50, 5, Reason.NoActiveNode)], await EntriesAsync("j"));
    }
}
