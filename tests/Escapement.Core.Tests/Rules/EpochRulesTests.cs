using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class EpochRulesTests
{
    static readonly NodeName B = new("b", 2, "h", Start, null);

    static EpochPlan? Raise(Epoch seen, EpochEnd why, params Epoch[] rows) => EpochRules.Change(
        new() { Begin = B, WithLock = true, Newest = EpochSeen.Of(seen), Ends = [(EpochSeen.Of(seen), why)] }, rows, new(), At(100));

    [Fact]
    public void An_epoch_begins_above_all_others_and_above_the_floor()
    {
        Assert.Equal(1, EpochRules.Change(new() { Begin = B }, [], new(), At(0))!.Value.Begins!.Number);
        Assert.Equal(6, EpochRules.Change(new() { Begin = B }, [Epoch(5, 0, 10)], new(), At(20))!.Value.Begins!.Number);
        Assert.Equal(41, EpochRules.Change(new() { Begin = B, Floor = 40 }, [Epoch(5, 0, 10)], new(), At(20))!.Value.Begins!.Number);
    }

    [Fact]
    public void An_epoch_that_another_node_ends_has_its_last_sign_of_life_as_its_end()
    {
        var row = Epoch(1, 0) with { LastSign = At(42) };

        var plan = Raise(row, EpochEnd.ProcessGone, row)!.Value;

        Assert.Equal(row with { Ended = At(42), How = EpochEnd.ProcessGone, EndedBy = "b" }, Assert.Single(plan.Ends));
        Assert.Equal((2, At(100), StoreSignal.Epoch), (plan.Begins!.Number, plan.Begins.Begun, plan.Signal));
        Assert.Equal(["a"], plan.Removes);
    }

    [Fact]
    public void Nothing_changes_once_an_epoch_is_not_as_it_was_seen()
    {
        var seen = Epoch(1, 0);
        Assert.Null(Raise(seen, EpochEnd.LeaseOver, seen with { Heartbeat = 6 }));
        Assert.Null(Raise(seen, EpochEnd.LeaseOver, seen, Epoch(2, 50)));
        Assert.Null(Raise(seen, EpochEnd.LeaseOver));
    }

    [Fact]
    public void No_epoch_begins_while_the_scheduler_is_shut_down() =>
        Assert.Null(EpochRules.Change(new() { Begin = B }, [], new() { ShutDown = At(5) }, At(100)));

    [Fact]
    public void A_node_steps_down_by_itself_and_drains()
    {
        var change = new EpochChange { By = ("a", 1), StepDown = new(At(130), EpochEnd.SteppedDown) };

        Assert.Equal(
            Epoch(1, 0) with { Heartbeat = 6, LastSign = At(100), Ended = At(100), How = EpochEnd.SteppedDown, DrainUntil = At(130) },
            Assert.Single(EpochRules.Change(change, [Epoch(1, 0)], new(), At(100))!.Value.Ends));
        Assert.Null(EpochRules.Change(change, [Epoch(1, 0, 50)], new(), At(100)));
    }

    [Fact]
    public void A_sign_of_life_answers_the_probes()
    {
        var row = Epoch(1, 0);
        var probed = EpochRules.Probe(row, EpochSeen.Of(row));

        Assert.Equal(1, probed.Probes);
        Assert.Same(probed, EpochRules.Probe(probed, EpochSeen.Of(row) with { Heartbeat = 4 }));
        Assert.Equal(row with { Heartbeat = 6, LastSign = At(9) }, EpochRules.Heartbeat(probed, At(9)));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(EpochEnd.SteppedDown, false)]
    [InlineData(EpochEnd.ShutDown, false)]
    [InlineData(EpochEnd.ProcessGone, true)]
    [InlineData(EpochEnd.LeaseOver, true)]
    [InlineData(EpochEnd.StoreReplaced, true)]
    public void The_runs_of_an_epoch_are_lost_where_another_node_ended_it_or_its_node_is_lost(EpochEnd? how, bool lost)
    {
        var row = Epoch(1, 0, how is null ? null : 10, how) with { DrainUntil = EpochRules.KeepsItsRuns(how) ? At(30) : null };

        Assert.Equal(lost, EpochRules.IsLost(row, []));
        Assert.True(EpochRules.IsLost(row with { DrainUntil = null }, []) || how is null);
        Assert.True(EpochRules.IsLost(row, ["a"]));
        Assert.True(EpochRules.IsLost(null, []));
    }

    [Fact]
    public void The_drain_of_a_silent_node_is_ended_as_it_was_seen_and_keeps_its_epochs_end()
    {
        var drains = Epoch(1, 0, 10, EpochEnd.ShutDown) with { DrainUntil = At(30) };
        Epoch[] rows = [drains, Epoch(2, 5)];
        var change = new EpochChange { By = ("a", 2), Ends = [(EpochSeen.Of(drains), EpochEnd.LeaseOver)] };

        Assert.Equal(drains with { DrainUntil = null, EndedBy = "a" },
            Assert.Single(EpochRules.Change(change, rows, new(), At(20))!.Value.Ends));
        Assert.True(EpochRules.MayHeartbeat(drains, "a"));
        Assert.False(EpochRules.MayHeartbeat(drains with { DrainUntil = null }, "a"));
        Assert.Null(EpochRules.Change(change, [drains with { Heartbeat = drains.Heartbeat + 1 }, rows[1]], new(), At(20)));
    }

    [Fact]
    public void Downtimes_are_the_gaps_in_the_union_of_all_epochs_newest_first() => Assert.Equal(
        [Cause(Reason.NoActiveNode, 60, 80), Cause(Reason.ShutDown, 30, 50), new(Reason.NoActiveNode, DateTimeOffset.MinValue, At(0))],
        EpochRules.Downtimes([Epoch(4, 80), Epoch(1, 0, 30, EpochEnd.ShutDown), Epoch(2, 10, 20, EpochEnd.SteppedDown),
            Epoch(3, 50, 60, EpochEnd.LeaseOver)]));
}
