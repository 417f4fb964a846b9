using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of two nodes that share a store in which every node is active and every node has its own epoch.
/// </summary>
public abstract class EveryNodeActiveContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    Epoch a = null!, b = null!;

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (a, b) = (await BeginBesideAsync("a"), await BeginBesideAsync("b"));
    }

    [Fact]
    public async Task Every_node_has_an_epoch_of_its_own()
    {
        Assert.Equal(ActiveNodes.Each, Store.Place.Actives);
        Assert.True(b.Number > a.Number);
        Assert.Equal([a.Number, b.Number], (await LookAsync()).Living.Select(epoch => epoch.Number));
    }

    [Fact]
    public async Task A_fire_time_is_claimed_by_one_of_them()
    {
        await AddAsync("job", Every(10));
        MoveTo(10);

        Assert.Equal([10], FireTimes(await ClaimAsync(a, 1)));
        Assert.Empty((await ClaimAsync(b, 1)).Runs);
    }

    [Fact]
    public async Task Max_instances_counts_the_runs_of_all()
    {
        await AddAsync("job", Every(10), Options(maxInstances: 1));
        MoveTo(10);
        var run = Assert.Single((await ClaimAsync(a, 1)).Runs);
        MoveTo(20);

        Assert.Empty((await ClaimAsync(b, 1)).Runs);
        Assert.Contains((20, 20, Reason.MaxInstancesReached), await EntriesAsync("job"));

        Assert.Equal(0, await Store.RecordAsync([End(run, a)]));
        MoveTo(30);
        Assert.Equal([30], FireTimes(await ClaimAsync(b, 2)));
    }

    [Fact]
    public async Task A_fencing_token_is_given_once()
    {
        await AddAsync("one", Every(10));
        await AddAsync("two", Every(10));
        MoveTo(10);
        var first = Assert.Single((await ClaimAsync(a, 1, places: 1)).Runs);
        var second = Assert.Single((await ClaimAsync(b, 1, places: 1)).Runs);

        Assert.True(second.Token > first.Token);
    }

    [Fact]
    public async Task A_claim_whose_number_has_passed_writes_nothing()
    {
        await AddAsync("one", Every(10));
        await AddAsync("two", Every(10));
        MoveTo(10);
        await ClaimAsync(a, 2, places: 1);

        Assert.Empty((await ClaimAsync(a, 2)).Runs);
        Assert.Empty((await ClaimAsync(a, 1)).Runs);
        Assert.Single((await ClaimAsync(b, 1)).Runs);
    }

    [Fact]
    public async Task What_a_claim_without_an_answer_took_is_handed_out_again_to_its_node_alone()
    {
        await AddAsync("job", Every(10));
        MoveTo(10);
        var lost = Assert.Single((await ClaimAsync(a, 1)).Runs);

        Assert.Empty((await Store.ClaimAsync(Request(b, 1) with { Unanswered = 1 }, None)).Runs);
        Assert.Equivalent(lost, Assert.Single((await Store.ClaimAsync(Request(a, 2) with { Unanswered = 1 }, None)).Runs));
        Assert.Empty((await Store.ClaimAsync(Request(a, 4) with { Unanswered = 3 }, None)).Runs);
    }

    [Fact]
    public async Task A_node_that_is_lost_is_settled_by_another_and_fenced()
    {
        await AddAsync("job", Every(10));
        MoveTo(10);
        var run = Assert.Single((await ClaimAsync(a, 1)).Runs);
        MoveTo(15);

        var changed = await Store.ChangeEpochsAsync(await EndingAsync(a, b), None);

        Assert.Equal((true, 1), (changed.Done, changed.Settled));
        Assert.Equal(Outcome.Interrupted, (await RunAsync(run.Id)).Outcome);
        Assert.Equal(1, await Store.RecordAsync([End(run, a)]));
        Assert.True((await ClaimAsync(a, 2)).Fenced);
        Assert.Equal([b.Number], (await LookAsync()).Living.Select(epoch => epoch.Number));
        var ended = (await LedgerAsync()).Epochs.Single(epoch => epoch.Number == a.Number);
        Assert.Equal((At(10), EpochEnd.LeaseOver, "b"), (ended.Ended, ended.How, ended.EndedBy));
    }

    [Fact]
    public async Task A_row_that_has_moved_since_it_was_judged_is_not_ended()
    {
        var ending = await EndingAsync(a, b);
        await Store.LookAsync(new Sign.Heartbeat("a", a.Number), None);

        Assert.False((await Store.ChangeEpochsAsync(ending, None)).Done);
        Assert.Equal(2, (await LookAsync()).Living.Count);
    }

    [Fact]
    public async Task A_claim_that_writes_is_a_sign_of_life_too()
    {
        await AddAsync("job", Every(10));
        MoveTo(10);
        var ending = await EndingAsync(a, b);
        await ClaimAsync(a, 1);

        Assert.False((await Store.ChangeEpochsAsync(ending, None)).Done);
    }

    [Fact]
    public async Task Of_two_nodes_that_would_end_each_other_one_does()
    {
        var (ofA, ofB) = (await EndingAsync(a, b), await EndingAsync(b, a));

        Assert.True((await Store.ChangeEpochsAsync(ofA, None)).Done);
        Assert.False((await Store.ChangeEpochsAsync(ofB, None)).Done);
        Assert.Equal([b.Number], (await LookAsync()).Living.Select(epoch => epoch.Number));
    }

    [Fact]
    public async Task A_pause_of_all_jobs_moves_a_number_in_each_living_epoch_and_in_those_that_begin_later()
    {
        await Store.ChangeEpochsAsync(SteppingDown("b", b.Number, At(0)), None);
        await ChangeStateAsync(SchedulerEdits.Pause());
        var later = await BeginBesideAsync("c");

        var numbers = (await LedgerAsync()).Epochs.ToDictionary(epoch => epoch.Node.Id, epoch => epoch.StateNumber);
        Assert.True(numbers["a"] > a.StateNumber);
        Assert.Equal(b.StateNumber, numbers["b"]);
        Assert.Equal(numbers["a"], later.StateNumber);
    }

    [Fact]
    public async Task A_node_that_steps_down_puts_back_what_it_was_not_told_of()
    {
        await AddAsync("known", Every(10));
        await AddAsync("unknown", Every(11));
        MoveTo(10);
        var known = Assert.Single((await ClaimAsync(a, 1)).Runs);
        MoveTo(11);
        var unknown = Assert.Single((await ClaimAsync(a, 2)).Runs);

        await Store.ChangeEpochsAsync(new() { By = ("a", a.Number), StepDown = new(At(60), EpochEnd.SteppedDown) { Unanswered = 2 } },
            None);

        Assert.Equal((unknown.Id, unknown.Attempt), Assert.Single((await ClaimAsync(b, 1)).Runs.Select(run => (run.Id, run.Attempt))));
        Assert.Equal(0, await Store.RecordAsync([End(known, a)]));
    }

    [Fact]
    public async Task A_node_that_drains_gives_signs_of_life_until_another_ends_its_drain()
    {
        await AddAsync("job", Every(10));
        MoveTo(10);
        var run = Assert.Single((await ClaimAsync(a, 1)).Runs);
        await Store.ChangeEpochsAsync(SteppingDown("a", a.Number, At(60)), None);

        var look = await Store.LookAsync(new Sign.Heartbeat("a", a.Number), None);
        var draining = Assert.Single(look.Draining);
        Assert.Equal(a.Number, draining.Number);

        var changed = await Store.ChangeEpochsAsync(new() { By = ("b", b.Number), Ends = [(EpochSeen.Of(draining), EpochEnd.LeaseOver)] },
            None);
        Assert.Equal((true, 1), (changed.Done, changed.Settled));
        Assert.Empty((await LookAsync()).Draining);
        Assert.Equal(1, await Store.RecordAsync([End(run, a)]));
    }

    [Fact]
    public async Task No_fire_time_is_without_an_active_node_while_one_of_them_lives()
    {
        await AddAsync("job", Every(10));
        MoveTo(12);
        await Store.LookAsync(new Sign.Heartbeat("b", b.Number), None);
        await Store.ChangeEpochsAsync(await EndingAsync(a, b), None);
        MoveTo(28);

        Assert.Empty((await ClaimAsync(b, 1)).Runs);
        Assert.All(await EntriesAsync("job"), entry => Assert.Equal(Reason.MisfireGraceExceeded, entry.Reason));
    }

    /// <summary>Returns the claim request of a node.</summary>
    protected ClaimRequest Request(Epoch epoch, long number) => new()
    {
        Node = epoch.Node.Id,
        Epoch = epoch.Number,
        Number = number,
        Handlers = Handlers,
        FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 10 },
        GraceLimit = TimeSpan.FromHours(24),
    };

    async Task<Epoch> BeginBesideAsync(string node) => (await Store.ChangeEpochsAsync(new() { Begin = Node(node) }, None)).Begun!;

    Task<Claimed> ClaimAsync(Epoch epoch, long number, int places = 10) =>
        Store.ClaimAsync(Request(epoch, number) with { FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = places } }, None);

    Finished End(ClaimedRun run, Epoch epoch) => new()
    {
        Id = run.Id,
        Node = epoch.Node.Id,
        Epoch = epoch.Number,
        Attempt = run.Attempt,
        StartedAt = run.FireTime,
        FinishedAt = Clock.GetUtcNow(),
        Outcome = Outcome.Succeeded,
    };

    async Task<EpochChange> EndingAsync(Epoch lost, Epoch by) => new()
    {
        By = (by.Node.Id, by.Number),
        Ends = [(EpochSeen.Of((await LookAsync()).Living.Single(epoch => epoch.Number == lost.Number)), EpochEnd.LeaseOver)],
    };
}
