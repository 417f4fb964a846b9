using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing;

/// <summary>Law 2: one epoch holds, and one that is over claims and records nothing.</summary>
public abstract class EpochContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_store_begins_without_an_epoch()
    {
        var look = await Store.LookAsync(None);

        Assert.Null(look.Epoch);
        Assert.Equal(new SchedulerState(), look.State);
        Assert.Empty(look.Nodes);
    }

    [Fact]
    public async Task A_raise_begins_an_epoch_and_rings()
    {
        Raised raised = null!;
        await RungAsync(async () => raised = await RaiseAsync("a"), Bell.Epoch);

        var epoch = raised.Epoch!;
        Assert.Null(raised.Before);
        Assert.Equal((1, "a", Start, true), (epoch.Number, epoch.Node.Id, epoch.Begun, epoch.WithLock));
        Assert.Null(epoch.Ended);
        Assert.Equal(epoch, (await Store.LookAsync(None)).Epoch);
    }

    [Fact]
    public async Task A_raise_ends_the_epoch_before_at_its_last_sign_of_life()
    {
        await RaiseAsync("a");
        MoveTo(5);
        await Store.BeatAsync("a", 1, None);
        MoveTo(30);

        var raised = await RaiseAsync("b", EpochEnd.LeaseOver);

        var before = raised.Before!;
        Assert.Equal((1, At(5), EpochEnd.LeaseOver, "b"), (before.Number, before.Ended, before.How, before.EndedBy));
        Assert.Equal((2, At(30)), (raised.Epoch!.Number, raised.Epoch.Begun));
    }

    [Fact]
    public async Task An_epoch_that_ended_by_itself_keeps_its_end()
    {
        await RaiseAsync("a");
        MoveTo(5);
        await Store.LeaveAsync(new("a", 1, At(30), EpochEnd.Left), None);
        MoveTo(10);

        var before = (await RaiseAsync("b")).Before!;

        Assert.Equal((At(5), EpochEnd.Left, null, At(30)), (before.Ended, before.How, before.EndedBy, before.DrainUntil));
    }

    [Fact]
    public async Task A_raise_changes_nothing_when_something_has_moved()
    {
        await RaiseAsync("a");
        var seen = EpochSeen.Of(Current);
        await Store.BeatAsync("a", 1, None);

        EpochSeen[] stale = [default, seen, seen with { Number = 2 }, EpochSeen.Of((await Store.LookAsync(None)).Epoch) with { Ended = true }];
        foreach (var what in stale)
        {
            var raised = await Store.RaiseAsync(new(Node("b"), what, true, EpochEnd.LeaseOver, [], 0), None);
            Assert.Null(raised.Epoch);
            Assert.Equal(0, raised.Settled);
        }

        var epoch = (await Store.LookAsync(None)).Epoch!;
        Assert.Equal(("a", 1, null), (epoch.Node.Id, epoch.Number, epoch.Ended));
    }

    [Fact]
    public async Task A_raise_changes_nothing_when_the_epoch_was_left_meanwhile()
    {
        await RaiseAsync("a");
        var seen = EpochSeen.Of(Current);
        await Store.LeaveAsync(new("a", 1, At(25), EpochEnd.Left), None);

        Assert.Null((await Store.RaiseAsync(new(Node("b"), seen, true, EpochEnd.LeaseOver, [], 0), None)).Epoch);
    }

    [Fact]
    public async Task Of_two_who_have_seen_the_same_one_raises()
    {
        var seen = default(EpochSeen);

        Assert.NotNull((await Store.RaiseAsync(new(Node("a"), seen, true, EpochEnd.LeaseOver, [], 0), None)).Epoch);
        Assert.Null((await Store.RaiseAsync(new(Node("b"), seen, true, EpochEnd.LeaseOver, [], 0), None)).Epoch);
    }

    [Fact]
    public async Task The_number_is_above_that_in_the_store_and_the_floor()
    {
        Assert.Equal(8, (await RaiseAsync("a", floor: 7)).Epoch!.Number);
        Assert.Equal(9, (await RaiseAsync("b", floor: 3)).Epoch!.Number);
    }

    [Fact]
    public async Task A_claim_under_another_epoch_than_the_newest_is_refused()
    {
        await AddAsync("j", Every(60));
        await RaiseAsync("a");
        var overtaken = Request();
        await RaiseAsync("b");

        foreach (var request in (ClaimRequest[])[overtaken, Request() with { Epoch = 3 }, Request() with { Node = "a" }])
        {
            var claimed = await Store.ClaimAsync(request, None);
            Assert.True(claimed.Fenced);
            Assert.Empty(claimed.Runs);
        }
        Assert.False((await ClaimAsync()).Fenced);
    }

    [Fact]
    public async Task A_claim_after_the_epoch_was_left_is_refused()
    {
        await AddAsync("j", Every(60));
        await RaiseAsync("a");
        await Store.LeaveAsync(new("a", 1, At(25), EpochEnd.Left), None);

        Assert.True((await ClaimAsync()).Fenced);
        Assert.Equal(Start, (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task A_beat_moves_the_row_and_answers_questions()
    {
        await RaiseAsync("a");
        var question = await Store.AskForBeatAsync("b", EpochSeen.Of(Current), None);
        MoveTo(5);

        var look = await Store.BeatAsync("a", 1, None);

        Assert.Equal(1, question.Epoch!.Questions);
        Assert.True(look.Epoch!.Beat > Current.Beat);
        Assert.Equal((At(5), 0), (look.Epoch.LastSign, look.Epoch.Questions));
    }

    [Fact]
    public async Task A_beat_of_an_overtaken_node_changes_nothing_and_shows_who_is_active()
    {
        await RaiseAsync("a");
        await RaiseAsync("b");
        MoveTo(5);

        var look = await Store.BeatAsync("a", 1, None);

        Assert.Equal(Current, look.Epoch);
    }

    [Fact]
    public async Task A_beat_after_the_epoch_was_left_changes_nothing()
    {
        await RaiseAsync("a");
        await Store.LeaveAsync(new("a", 1, At(25), EpochEnd.Left), None);
        var left = (await Store.LookAsync(None)).Epoch;

        Assert.Equal(left, (await Store.BeatAsync("a", 1, None)).Epoch);
    }

    [Fact]
    public async Task A_question_rings_and_leaves_the_row_as_a_raise_sees_it()
    {
        await RaiseAsync("a");
        var seen = EpochSeen.Of(Current);

        Look look = null!;
        await RungAsync(async () => look = await Store.AskForBeatAsync("b", seen, None), Bell.Question);
        await Store.AskForBeatAsync("b", seen, None);

        Assert.Equal(seen, EpochSeen.Of(look.Epoch));
        Assert.Equal(2, (await Store.LookAsync(None)).Epoch!.Questions);
        Assert.NotNull((await Store.RaiseAsync(new(Node("b"), seen, false, EpochEnd.LeaseOver, [], 0), None)).Epoch);
    }

    [Fact]
    public async Task A_claim_answers_questions_too()
    {
        await AddAsync("j", Every(60));
        await RaiseAsync("a");
        await Store.AskForBeatAsync("b", EpochSeen.Of(Current), None);

        await ClaimAsync();

        Assert.Equal(0, (await Store.LookAsync(None)).Epoch!.Questions);
    }

    [Fact]
    public async Task Leaving_ends_the_epoch_and_rings()
    {
        await RaiseAsync("a");
        MoveTo(5);
        var left = false;

        await RungAsync(async () => left = await Store.LeaveAsync(new("a", 1, At(30), EpochEnd.Left), None), Bell.Epoch);

        Assert.True(left);
        var epoch = (await Store.LookAsync(None)).Epoch!;
        Assert.Equal((At(5), EpochEnd.Left, At(30), null), (epoch.Ended, epoch.How, epoch.DrainUntil, epoch.EndedBy));
    }

    [Fact]
    public async Task Who_was_overtaken_cannot_leave()
    {
        await RaiseAsync("a");
        await RaiseAsync("b");

        Assert.False(await Store.LeaveAsync(new("a", 1, At(30), EpochEnd.Left), None));
        Assert.False(await Store.LeaveAsync(new("a", 2, At(30), EpochEnd.Left), None));
        Assert.Null((await Store.LookAsync(None)).Epoch!.Ended);
    }

    [Fact]
    public async Task Epochs_are_read_that_had_not_ended_by_an_instant()
    {
        await RaiseAsync("a");
        MoveTo(5);
        await Store.LeaveAsync(new("a", 1, At(5), EpochEnd.Left), None);
        MoveTo(10);
        await RaiseAsync("b");
        MoveTo(20);
        await Store.BeatAsync("b", 2, None);
        await RaiseAsync("c");

        Assert.Equal([1, 2, 3], (await Store.EpochsAsync(At(1), None)).Select(epoch => epoch.Number));
        Assert.Equal([2, 3], (await Store.EpochsAsync(At(7), None)).Select(epoch => epoch.Number));
        Assert.Equal([3], (await Store.EpochsAsync(At(1000), None)).Select(epoch => epoch.Number));
    }

    [Fact]
    public async Task Nodes_that_entered_are_shown_with_what_they_declare_and_run()
    {
        await AddAsync("j", Every(60));
        await Store.EnterAsync(Node("a"), ["j"], None);
        await Store.EnterAsync(Node("b"), [], None);
        await Store.EnterAsync(Node("b"), ["j", "k"], None);
        await RaiseAsync("a");
        await ClaimAsync();
        await Store.LeaveAsync(new("a", 1, At(25), EpochEnd.Left), None);

        var nodes = (await Store.LookAsync(None)).Nodes.OrderBy(node => node.Name.Id).ToList();

        Assert.Equal([Node("a"), Node("b")], nodes.Select(node => node.Name));
        Assert.Equal(["j"], nodes[0].Declares);
        Assert.Equal(["j", "k"], nodes[1].Declares.Order());
        Assert.Equal((1, At(25)), (nodes[0].Running, nodes[0].DrainUntil!.Value));
        Assert.Equal(0, nodes[1].Running);
        Assert.Null(nodes[1].DrainUntil);
    }

    [Fact]
    public async Task While_the_scheduler_is_shut_down_nobody_raises_or_claims()
    {
        await AddAsync("j", Every(60));
        await RaiseAsync("a");
        await RungAsync(() => Store.ChangeStateAsync(SchedulerEdits.ShutDown, None), Bell.Work);

        Assert.True((await ClaimAsync()).Fenced);
        Assert.True(await Store.LeaveAsync(new("a", 1, At(25), EpochEnd.ShutDown), None));
        Assert.Null((await RaiseAsync("b")).Epoch);
        Assert.Equal(Start, (await Store.LookAsync(None)).State.ShutDown);

        await Store.ChangeStateAsync(SchedulerEdits.Start, None);
        Assert.NotNull((await RaiseAsync("b")).Epoch);
        Assert.Single((await ClaimAsync()).Runs);
    }
}
