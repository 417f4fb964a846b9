using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Testing.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Stores;

/// <summary>A trigger that throws harms its own job only, and a change does not search for fire times.</summary>
/// <remarks>Triggers are closed outside of their package: a trigger that throws stands for a fault in the package.</remarks>
public abstract class OwnTriggerTests<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trigger_that_throws_harms_its_own_job_only(bool inNext)
    {
        var evil = new OwnTrigger(Every(10));
        await AddAsync("a", Every(10), Options(grace: null));
        await AddOrSkipAsync("evil", evil, Options(grace: null));
        await AddAsync("z", Every(10), Options(grace: null));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(35);
        evil.Throws = inNext ? Search.Next : Search.Previous;
        var before = await JobAsync("evil");

        var claimed = await ClaimAsync();

        Assert.Equal(["a", "z"], claimed.Runs.Select(run => run.Job.Id.Value));
        Assert.Equal((Id("evil"), "InvalidOperationException: It broke."), Assert.Single(claimed.SetAside));
        Assert.Equal((before.State, before.Version), (await JobAsync("evil") is var after ? after.State : default, after.Version));
        Assert.Empty(await EntriesAsync("evil"));
        foreach (var run in claimed.Runs) await FinishAsync(run);
        Assert.Equal([40, 40], await WorkAsync(40));

        await EditAsync(JobEdits.Change(Id("evil"), job => job with { Trigger = Every(10) }));
        Assert.Equal([50, 50, 50], await WorkAsync(50));
        Assert.Empty((await ClaimAsync()).SetAside);
    }

    [Fact]
    public async Task A_trigger_that_throws_at_any_call_leaves_no_trace()
    {
        var evil = new OwnTrigger(Every(10));
        await AddOrSkipAsync("evil", evil);
        await BeginAsync();
        await WorkAsync(0, 15);
        MoveTo(25);
        for (var call = 1; ; call++)
        {
            evil.ThrowsAt(call);
            var (before, entries) = (await JobAsync("evil"), await EntriesAsync("evil"));
            var claimed = await ClaimAsync();
            if (claimed.SetAside.Count == 0) break;
            Assert.Equal((before.State, before.Version), (await JobAsync("evil") is var after ? after.State : default, after.Version));
            Assert.Equal(entries, await EntriesAsync("evil"));
            Assert.InRange(call, 1, 50);
        }

        Assert.Equal([(10, 20, Reason.MisfireGraceExceeded)], await EntriesAsync("evil"));
    }

    [Fact]
    public async Task A_waiting_run_of_a_job_whose_trigger_throws_still_starts()
    {
        var evil = new OwnTrigger(Every(10));
        await AddOrSkipAsync("evil", evil, Options(maxInstances: null));
        var asked = await EnqueueAsync("evil");
        await BeginAsync();
        evil.Throws = Search.Next;

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task A_job_whose_trigger_throws_can_be_removed_and_paused()
    {
        var evil = new OwnTrigger(Every(10));
        await AddOrSkipAsync("evil", evil);
        evil.Throws = Search.Next;

        await EditAsync(JobEdits.Pause(Id("evil")));
        await EditAsync(JobEdits.Remove(Id("evil")));

        Assert.Equal(JobEnd.Removed, (await JobAsync("evil")).Ended);
    }

    [Fact]
    public async Task A_change_does_not_search_for_the_fire_times_that_it_passes_over()
    {
        const double month = 30 * 24 * 3600;
        var counting = new OwnTrigger(Every(1));
        await AddOrSkipAsync("j", counting, Options(grace: null));
        await BeginAsync();
        await WorkAsync(0, month);
        counting.Calls = 0;

        await MoveJobAsync("j", Start);
        Assert.InRange(counting.Calls, 0, 10);
        await EditAsync(JobEdits.Pause(Id("j")));
        await EditAsync(JobEdits.Resume(Id("j")));
        await MoveJobAsync("j", Start);
        await EditAsync(JobEdits.Remove(Id("j")));

        Assert.InRange(counting.Calls, 0, 10);
    }

    [Fact]
    public async Task A_claim_of_a_job_that_was_moved_back_looks_at_a_bounded_number_of_fire_times()
    {
        const double month = 30 * 24 * 3600;
        var counting = new OwnTrigger(Every(1));
        await AddOrSkipAsync("j", counting, Options(grace: null));
        await BeginAsync();
        await WorkAsync(0, month);
        await MoveJobAsync("j", At(1));
        counting.Calls = 0;

        await ClaimAsync();

        Assert.InRange(counting.Calls, 0, 10 * Decide.MaxTimes);
    }

    async Task AddOrSkipAsync(string id, OwnTrigger trigger, JobOptions? options = null)
    {
        try
        {
            await AddAsync(id, trigger, options);
        }
        catch (ArgumentException)
        {
            Assert.Skip("This store keeps triggers as text, so it keeps none of the user's own.");
        }
    }

    enum Search
    {
        None,
        Next,
        Previous,
    }

    /// <summary>
    /// A custom trigger. It fires like its inner trigger, counts its calls and throws on demand.
    /// </summary>
    sealed class OwnTrigger(Trigger inner) : Trigger
    {
        int throwsAt;

        public Search Throws { get; set; }

        public int Calls { get; set; }

        public override ZoneClock Zone => inner.Zone;

        /// <summary>Makes the given call throw, counted from the next call.</summary>
        public void ThrowsAt(int call) => (throwsAt, Calls) = (call, 0);

        public override DateTimeOffset? Next(DateTimeOffset from)
        {
            Asked(Search.Next);
            return inner.Next(from);
        }

        public override DateTimeOffset? Previous(DateTimeOffset before)
        {
            Asked(Search.Previous);
            return inner.Previous(before);
        }

        public override long Count(DateTimeOffset from, DateTimeOffset to) => inner.Count(from, to);

        public override string ToString() => inner.ToString();

        void Asked(Search search)
        {
            if (++Calls == throwsAt || Throws == search) throw new InvalidOperationException("It broke.");
        }
    }
}
