using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of law 2: only one epoch is valid at a time, and an ended epoch claims and records nothing.</summary>
public abstract class EpochContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_store_begins_without_an_epoch()
    {
        var look = await LookAsync();

        Assert.Null(look.Newest);
        Assert.Empty(look.Living);
        Assert.Equal(new SchedulerState(), look.State);
        Assert.Empty(look.Nodes);
    }

    [Fact]
    public async Task A_node_that_becomes_active_begins_an_epoch_and_notifies()
    {
        EpochChanged changed = null!;
        await NotifiedAsync(async () => changed = await BeginAsync("a"), StoreSignal.Epoch);

        var epoch = changed.Begun!;
        Assert.True(changed.Done);
        Assert.Null(changed.Before);
        Assert.Equal((1, "a", Start, true), (epoch.Number, epoch.Node.Id, epoch.Begun, epoch.WithLock));
        Assert.Null(epoch.Ended);
        Assert.Equal(epoch, (await LookAsync()).Newest);
        Assert.Equal([epoch], (await LookAsync()).Living);
    }

    [Fact]
    public async Task An_epoch_keeps_the_lease_of_its_node()
    {
        var lease = TimeSpan.FromSeconds(7.5);
        Assert.True((await Store.ChangeEpochsAsync(new() { Begin = Node("a"), Newest = default(EpochSeen), Lease = lease }, None)).Done);
        Assert.Equal(lease, (await LookAsync()).Newest!.Lease);
        Assert.Equal(lease, Assert.Single((await LedgerAsync()).Epochs).Lease);
    }

    [Fact]
    public async Task The_beginning_of_an_epoch_ends_the_epoch_before_at_its_last_sign_of_life()
    {
        await BeginAsync("a");
        MoveTo(5);
        await HeartbeatAsync();
        MoveTo(30);

        var changed = await BeginAsync("b", EpochEnd.LeaseOver);

        var before = changed.Before!;
        Assert.Equal((1, At(5), EpochEnd.LeaseOver, "b"), (before.Number, before.Ended, before.How, before.EndedBy));
        Assert.Equal((2, At(30)), (changed.Begun!.Number, changed.Begun.Begun));
    }

    [Fact]
    public async Task An_epoch_that_ended_by_itself_keeps_its_end()
    {
        await BeginAsync("a");
        MoveTo(5);
        await StepDownAsync(At(30));
        MoveTo(10);

        var before = (await BeginAsync("b")).Before!;

        Assert.Equal((At(5), EpochEnd.SteppedDown, null, At(30)), (before.Ended, before.How, before.EndedBy, before.DrainUntil));
    }

    [Fact]
    public async Task The_beginning_of_an_epoch_changes_nothing_when_something_has_moved()
    {
        await BeginAsync("a");
        var (before, seen) = ((await LookAsync()).Newest!, EpochSeen.Of(Current));
        await HeartbeatAsync();

        EpochSeen[] stale = [default, seen, EpochSeen.Of(before with { Number = 2 }),
            EpochSeen.Of((await LookAsync()).Newest! with { Ended = At(1) })];
        foreach (var what in stale)
        {
            foreach (var change in (EpochChange[])[new() { Newest = what }, new() { Ends = [(what, EpochEnd.LeaseOver)] }])
            {
                var changed = await Store.ChangeEpochsAsync(change with { Begin = Node("b"), WithLock = true, Lost = ["a"] }, None);
                Assert.Equal((false, null, 0), (changed.Done, changed.Begun, changed.Settled));
            }
        }

        var epoch = (await LookAsync()).Newest!;
        Assert.Equal(("a", 1, null), (epoch.Node.Id, epoch.Number, epoch.Ended));
    }

    [Fact]
    public async Task The_beginning_of_an_epoch_changes_nothing_when_the_node_stepped_down_meanwhile()
    {
        await BeginAsync("a");
        var seen = Current;
        await StepDownAsync(At(25));

        Assert.False((await Store.ChangeEpochsAsync(Beginning("b", seen), None)).Done);
    }

    [Fact]
    public async Task Of_two_who_have_seen_the_same_one_begins()
    {
        Assert.NotNull((await Store.ChangeEpochsAsync(Beginning("a", null), None)).Begun);
        Assert.Null((await Store.ChangeEpochsAsync(Beginning("b", null), None)).Begun);
    }

    [Fact]
    public async Task The_number_is_above_that_in_the_store_and_the_floor()
    {
        Assert.Equal(8, (await BeginAsync("a", floor: 7)).Begun!.Number);
        Assert.Equal(9, (await BeginAsync("b", floor: 3)).Begun!.Number);
    }

    [Fact]
    public async Task A_claim_under_another_epoch_than_the_newest_is_refused()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var overtaken = Request();
        await BeginAsync("b");

        foreach (var request in (ClaimRequest[])[overtaken, Request() with { Epoch = 3 }, Request() with { Node = "a" }])
        {
            var claimed = await Store.ClaimAsync(request, None);
            Assert.True(claimed.Fenced);
            Assert.Empty(claimed.Runs);
        }

        Assert.False((await ClaimAsync()).Fenced);
    }

    [Fact]
    public async Task A_claim_after_its_node_stepped_down_is_refused()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        await StepDownAsync(At(25));

        Assert.True((await ClaimAsync()).Fenced);
        Assert.Equal(Start, (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task A_heartbeat_moves_the_row_and_answers_probes()
    {
        await BeginAsync("a");
        var question = await Store.LookAsync(new Sign.Probe("b", EpochSeen.Of(Current)), None);
        MoveTo(5);

        var look = await HeartbeatAsync();

        Assert.Equal(1, question.Newest!.Probes);
        Assert.True(look.Newest!.Heartbeat > Current.Heartbeat);
        Assert.Equal((At(5), 0), (look.Newest.LastSign, look.Newest.Probes));
    }

    [Fact]
    public async Task A_heartbeat_of_an_overtaken_node_changes_nothing_and_shows_who_is_active()
    {
        await BeginAsync("a");
        await BeginAsync("b");
        MoveTo(5);

        var look = await Store.LookAsync(new Sign.Heartbeat("a", 1), None);

        Assert.Equal(Current, look.Newest);
    }

    [Fact]
    public async Task A_heartbeat_of_a_draining_node_moves_its_row_and_not_its_end()
    {
        await BeginAsync("a");
        await StepDownAsync(At(25));
        var left = (await LookAsync()).Newest;

        Assert.Equal(left! with { Heartbeat = left.Heartbeat + 1 }, (await HeartbeatAsync()).Newest);
        Assert.Empty((await LookAsync()).Living);
    }

    [Fact]
    public async Task A_probe_rings_and_leaves_the_row_as_a_waiter_saw_it()
    {
        await BeginAsync("a");
        var seen = EpochSeen.Of(Current);

        Look look = null!;
        await NotifiedAsync(async () => look = await Store.LookAsync(new Sign.Probe("b", seen), None), StoreSignal.Probe);
        await Store.LookAsync(new Sign.Probe("b", seen), None);

        Assert.Equal(seen, EpochSeen.Of(look.Newest));
        Assert.Equal(2, (await LookAsync()).Newest!.Probes);
        Assert.True((await Store.ChangeEpochsAsync(Beginning("b", Current) with { WithLock = false }, None)).Done);
    }

    [Fact]
    public async Task A_claim_answers_probes_too()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        await Store.LookAsync(new Sign.Probe("b", EpochSeen.Of(Current)), None);

        await ClaimAsync();

        Assert.Equal(0, (await LookAsync()).Newest!.Probes);
    }

    [Fact]
    public async Task A_step_down_ends_the_epoch_moves_its_beat_and_notifies()
    {
        await BeginAsync("a");
        MoveTo(5);

        await NotifiedAsync(() => StepDownAsync(At(30)), StoreSignal.Epoch);

        var epoch = (await LookAsync()).Newest!;
        Assert.Equal((At(5), EpochEnd.SteppedDown, At(30), null), (epoch.Ended, epoch.How, epoch.DrainUntil, epoch.EndedBy));
        Assert.Equal((Current.Heartbeat + 1, At(5)), (epoch.Heartbeat, epoch.LastSign));
        Assert.Empty((await LookAsync()).Living);
    }

    [Fact]
    public async Task Who_was_overtaken_cannot_step_down()
    {
        await BeginAsync("a");
        await BeginAsync("b");

        Assert.False((await Store.ChangeEpochsAsync(SteppingDown("a", 1, At(30)), None)).Done);
        Assert.False((await Store.ChangeEpochsAsync(SteppingDown("a", 2, At(30)), None)).Done);
        Assert.Null((await LookAsync()).Newest!.Ended);
    }

    [Fact]
    public async Task Epochs_are_read_that_touch_a_span()
    {
        await BeginAsync("a");
        MoveTo(5);
        await StepDownAsync(At(5));
        MoveTo(10);
        await BeginAsync("b");
        MoveTo(20);
        await HeartbeatAsync();
        await BeginAsync("c");

        Assert.Equal([1, 2, 3], await EpochsAsync(At(1)));
        Assert.Equal([1, 2, 3], await EpochsAsync(At(5)));

        // Also the last epoch that ended before the span, and the first epoch that began after the span.
        Assert.Equal([1, 2, 3], await EpochsAsync(At(5.000001)));
        Assert.Equal([2, 3], await EpochsAsync(At(20.000001)));
        Assert.Equal([2, 3], await EpochsAsync(At(1000)));
        Assert.Equal([1, 2, 3], await EpochsAsync(Start, At(20)));
        Assert.Equal([1, 2], await EpochsAsync(Start, At(10)));
        Assert.Equal([1, 2], await EpochsAsync(At(6), At(7)));

        async Task<List<long>> EpochsAsync(DateTimeOffset from, DateTimeOffset? to = null) =>
            [.. (await LedgerAsync(from: from, to: to)).Epochs.Select(epoch => epoch.Number)];
    }

    [Fact]
    public async Task Nodes_that_entered_are_shown_with_what_they_declare_and_run()
    {
        await AddAsync("j", Every(60));
        await EnterAsync("a", "j");
        await EnterAsync("b");
        await EnterAsync("b", "j", "k");
        await BeginAsync("a");
        await ClaimAsync();
        await StepDownAsync(At(25));

        var nodes = (await LookAsync()).Nodes.OrderBy(node => node.Name.Id).ToList();
        var entered = (await EnterAsync("b", "j", "k")).Nodes.OrderBy(node => node.Name.Id).ToList();

        Assert.Equal([Node("a"), Node("b")], nodes.Select(node => node.Name));
        Assert.Equal(["j"], entered[0].Declares);
        Assert.Equal(["j", "k"], entered[1].Declares.Order());
        Assert.Equal((1, At(25)), (nodes[0].Running, nodes[0].DrainUntil!.Value));
        Assert.Equal(0, nodes[1].Running);
        Assert.Null(nodes[1].DrainUntil);
    }

    [Fact]
    public async Task While_the_scheduler_is_shut_down_nobody_begins_or_claims()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        await NotifiedAsync(() => ChangeStateAsync(SchedulerEdits.ShutDown), StoreSignal.Work | StoreSignal.Epoch);

        Assert.True((await ClaimAsync()).Fenced);
        await StepDownAsync(At(25), EpochEnd.ShutDown);
        Assert.Null((await BeginAsync("b")).Begun);
        Assert.Equal(Start, (await LookAsync()).State.ShutDown);

        await ChangeStateAsync(SchedulerEdits.Start);
        Assert.NotNull((await BeginAsync("b")).Begun);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Several_nodes_are_active_where_nobody_is_ended()
    {
        await AddAsync("j", Every(60), Options(maxInstances: null));
        await AddAsync("k", Every(60), Options(maxInstances: null));
        var a = (await Store.ChangeEpochsAsync(new() { Begin = Node("a") }, None)).Begun!;
        var b = (await Store.ChangeEpochsAsync(new() { Begin = Node("b") }, None)).Begun!;
        var request = new ClaimRequest
        {
            Node = "a",
            Epoch = a.Number,
            Handlers = Handlers,
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 1 },
            GraceLimit = TimeSpan.FromHours(24),
        };

        Assert.Equal(["a", "b"], (await LookAsync()).Living.Select(epoch => epoch.Node.Id));
        var first = Assert.Single((await Store.ClaimAsync(request, None)).Runs);
        var second = Assert.Single((await Store.ClaimAsync(request with { Node = "b", Epoch = b.Number }, None)).Runs);
        Assert.NotEqual(first.Id, second.Id);

        var silent = EpochSeen.Of((await LookAsync()).Living[0]);
        var changed = await Store.ChangeEpochsAsync(new() { By = ("b", b.Number), Ends = [(silent, EpochEnd.LeaseOver)] }, None);

        Assert.Equal((true, 1, null), (changed.Done, changed.Settled, changed.Begun));
        Assert.Equal([("b", null)], (await LookAsync()).Living.Select(epoch => (epoch.Node.Id, epoch.Ended)));
        Assert.Equal(("b", EpochEnd.LeaseOver), (await LedgerAsync()).Epochs[0] is var ended ? (ended.EndedBy, ended.How!.Value) : default);
        Assert.Equal((RunState.Ended, RunState.Running), ((await RunAsync(first.Id)).State, (await RunAsync(second.Id)).State));
        Assert.True((await Store.ClaimAsync(request, None)).Fenced);
    }

    [Fact]
    public async Task A_probe_of_a_row_that_has_moved_leaves_it()
    {
        await BeginAsync("a");
        var seen = EpochSeen.Of(Current);
        var moved = (await HeartbeatAsync()).Newest!;

        var look = await Store.LookAsync(new Sign.Probe("b", seen), None);

        Assert.Equal(moved, look.Newest);
    }

    [Fact]
    public async Task A_probe_where_there_is_no_epoch_changes_nothing() =>
        Assert.Null((await Store.LookAsync(new Sign.Probe("b", default), None)).Newest);

    [Fact]
    public async Task A_heartbeat_notifies_nobody()
    {
        await BeginAsync("a");
        Assert.Equal(StoreSignal.None, (await NotifiedAsync(HeartbeatAsync)).Signal);
    }
}
