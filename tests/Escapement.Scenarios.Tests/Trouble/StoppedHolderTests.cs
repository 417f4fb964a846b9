using Escapement.Ledger;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>
/// Tests of an active process that is stopped but not dead.
/// The process is replaced after a lease and is fenced when continued.
/// </summary>
public sealed class StoppedHolderTests : IDisposable
{
    readonly Nodes nodes = new();

    public void Dispose() => nodes.Dispose();

    [Fact]
    public async Task Is_replaced_after_a_lease_and_fenced_when_it_goes_on()
    {
        var (first, second) = await TwoAsync();
        await using var store = await nodes.OpenAsync();
        await nodes.RunLongAsync(first);

        await nodes.StopAsync(first, Nodes.BeforeAHeartbeat);

        var taken = await second.IsActiveAsync(2);
        Assert.Equal((Nodes.Id(first), Environment.MachineName, "its lease is over", "1"),
            (taken["Pid"], taken["Host"], taken["How"], taken["Settled"]));
        Assert.Equal((Outcome.Interrupted, Reason.Interrupted), OutcomeOf(await Nodes.EndedAsync(store, "long")));

        first.Signal(NodeProcess.Continue);

        Assert.Equal("This process was suspended for longer than its lease, and another process is now active.",
            (await first.SaysAsync(LogEvent.Fenced))["Sentence"]);
        await nodes.SaysOfItselfAsync(first, $"Process {second.Pid} on {Environment.MachineName} ");
        var (role, reason, _) = await nodes.SelfAsync(first);
        Assert.Equal(("standby", "Standby"), (role, reason));
        Assert.Equal(2, (await Nodes.HeartbeatsAsync(store, 3)).Number);
        Assert.DoesNotContain(AddTrial.Lines(first.JournalFile), line => line.StartsWith("end", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Starts_no_handler_that_it_had_claimed_before()
    {
        var (first, second) = await TwoAsync();
        await using var store = await nodes.OpenAsync();
        nodes.HoldAt(first, Nodes.BeforeTheStart);
        await nodes.AddAsync(second, new { id = "late", func = "note", misfire_grace_time = 600 });
        await nodes.HeldAsync(first);
        await nodes.StopAsync(first, Nodes.BeforeAHeartbeat);
        await second.IsActiveAsync(2);

        nodes.Release(first);
        first.Signal(NodeProcess.Continue);

        Assert.Equal("late", (await first.SaysAsync(LogEvent.DroppedUnstarted))["Job"]);
        await first.SaysAsync(LogEvent.Fenced);
        Assert.Empty(AddTrial.Lines(first.JournalFile));
        Assert.Equal((Outcome.Interrupted, Reason.Interrupted), OutcomeOf(await Nodes.EndedAsync(store, "late")));
    }

    [Fact]
    public async Task Whose_handler_ignores_its_cancellation_has_its_outcome_refused()
    {
        var (first, second) = await TwoAsync();
        await using var store = await nodes.OpenAsync();
        var until = Path.Combine(nodes.Folder, "enough");
        await nodes.AddAsync(first, new { id = "stubborn", func = "stubborn", kwargs = new { until }, misfire_grace_time = 600 });
        await AddTrial.StartedAsync(first.JournalFile, "stubborn");
        await nodes.StopAsync(first, Nodes.BeforeAHeartbeat);
        await second.IsActiveAsync(2);
        first.Signal(NodeProcess.Continue);
        await first.SaysAsync(LogEvent.Fenced);

        await File.WriteAllTextAsync(until, "");

        Assert.Equal("stubborn", (await first.SaysAsync(LogEvent.WentOnFenced))["Job"]);
        var run = await Nodes.EndedAsync(store, "stubborn");
        Assert.Equal((Outcome.Interrupted, Reason.Interrupted), OutcomeOf(run));
    }

    [Fact]
    public async Task Whose_successor_by_lease_is_killed_costs_no_second_lease()
    {
        var all = await nodes.StartAsync(3);
        await nodes.StopAsync(all[0], Nodes.BeforeAHeartbeat);
        var second = await (await Task.WhenAny(BecomesActiveAsync(all[1], 2), BecomesActiveAsync(all[2], 2)));
        var third = second == all[1] ? all[2] : all[1];

        second.Signal(NodeProcess.Kill);

        // The log would name an expired lease explicitly.
        await Nodes.FollowsTheKilledAsync(third, epoch: 3);
        Assert.Equal('T', Nodes.StateOf(all[0].Pid));
    }

    [Fact]
    public async Task Between_the_lock_and_its_epoch_is_named_and_replaced_and_then_stands_by()
    {
        var first = nodes.Start();
        await nodes.StopAsync(first, Nodes.BeforeTheRaise);
        await using var store = await nodes.OpenAsync();

        var second = nodes.Start();
        await Nodes.StandsByAsync(second, first);
        await second.IsActiveAsync(1);

        first.Signal(NodeProcess.Continue);
        await Nodes.StandsByAsync(first, second);
        Assert.Equal(1, (await Nodes.HeartbeatsAsync(store, 3)).Number);
    }

    [Fact]
    public async Task Killed_between_the_lock_and_its_epoch_is_followed_at_once()
    {
        var first = nodes.Start();
        await nodes.StopAsync(first, Nodes.BeforeTheRaise);
        // The lease is too long for a takeover by its end.
        var second = nodes.Start("--Escapement:Lease", "1h");
        await second.SaysAsync(LogEvent.Standby);

        first.Signal(NodeProcess.Kill);

        await second.IsActiveAsync(1);
    }

    static async Task<NodeProcess> BecomesActiveAsync(NodeProcess node, long epoch)
    {
        await node.IsActiveAsync(epoch);
        return node;
    }

    static (Outcome?, Reason?) OutcomeOf(Run run) => (run.Outcome, run.Reason);

    async Task<(NodeProcess First, NodeProcess Second)> TwoAsync()
    {
        var all = await nodes.StartAsync(2);
        return (all[0], all[1]);
    }
}
