using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    // Ordered by number.
    readonly List<Epoch> epochs = [];
    readonly Dictionary<string, Sign.Enter> nodes = [];

    // Rows of runs refer to nodes by number.
    readonly List<string> names = [];
    readonly Dictionary<string, int> numbers = [];
    IReadOnlyList<DelayCause> downtimes = [];

    /// <inheritdoc/>
    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) =>
        InSteps ? LookInStepsAsync(sign) : Task.FromResult(Look(sign));

    Look Look(Sign sign)
    {
        var signal = StoreSignal.None;
        Look look;
        lock (gate)
        {
            switch (sign)
            {
                case Sign.Enter enter:
                    nodes[enter.Node.Id] = enter;
                    break;
                case Sign.Heartbeat beat when Row(beat.Epoch) is { } row && EpochRules.MayHeartbeat(row, beat.Node):
                    SetRow(EpochRules.Heartbeat(row, Now()));
                    break;
                case Sign.Probe probe when Row(probe.Seen.Number) is { } row:
                    SetRow(EpochRules.Probe(row, probe.Seen));
                    signal = StoreSignal.Probe;
                    break;
            }

            look = LookNow(sign is Sign.Enter);
        }

        notifier.Notify(new(signal));
        return look;
    }

    /// <inheritdoc/>
    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        InSteps ? ChangeEpochsInStepsAsync(change) : Task.FromResult(ChangeEpochs(change));

    EpochChanged ChangeEpochs(EpochChange change, HashSet<RunId>? only = null)
    {
        EpochChanged changed;
        Notification notification;
        lock (gate)
        {
            var now = Now();
            var before = epochs.Count > 0 ? epochs[^1].Number : 0;
            if (EpochRules.Change(change, epochs, state, now) is not { } plan) return new() { Before = Row(before) };
            foreach (var row in plan.Ends) SetRow(row);
            if (plan.Begins is { } begins) epochs.Add(begins with { StateNumber = stateNumber });
            if (plan.Ends.Count > 0 || plan.Begins is not null) downtimes = EpochRules.Downtimes(epochs);
            if (change.StepDown?.Unanswered is { } claim) PutBack(change.By!.Value.Epoch, claim);
            var (settled, signals) = Settle(change.Lost, only, now);
            foreach (var node in plan.Removes) nodes.Remove(node);
            changed = new() { Done = true, Begun = plan.Begins is null ? null : epochs[^1], Before = Row(before), Settled = settled };
            notification = signals.And(new(plan.Signal));
        }

        notifier.Notify(notification);
        return changed;
    }

    Epoch? Row(long number)
    {
        for (var i = epochs.Count - 1; i >= 0; i--)
            if (epochs[i].Number == number) return epochs[i];
        return null;
    }

    void SetRow(Epoch row) => epochs[epochs.FindLastIndex(epoch => epoch.Number == row.Number)] = row;

    (int Settled, Notification Notification) Settle(IReadOnlyCollection<string> lost, HashSet<RunId>? only, DateTimeOffset now)
    {
        var (settled, notification) = (0, default(Notification));
        foreach (var open in running.Values.Where(run => only?.Contains(run.Id) != false && EpochRules.IsLost(Row(run.Epoch), lost))
            .ToList())
        {
            notification = notification.And(End(open, RunEnds.Lost(open, now)));
            settled++;
        }

        return (settled, notification);
    }

    /// <summary>Puts the runs of unanswered claims of an ended epoch back to waiting.</summary>
    void PutBack(long epoch, long claim)
    {
        foreach (var open in running.Values.Where(run => run.Epoch == epoch && run.Claim >= claim).ToList())
        {
            var slot = Free(open);
            Wait(RunEnds.PutBack(open));
            _ = Unblock(slot);
            slot.State = slot.State with { Change = slot.State.Change + 1 };
        }
    }

    Look LookNow(bool declares) => new()
    {
        Living = [.. epochs.Where(epoch => epoch.Ended is null)],
        Draining = [.. running.Values.Select(run => run.Epoch).Distinct().Order().Select(number => Row(number)!).Where(EpochRules.Drains)],
        Newest = epochs.Count > 0 ? epochs[^1] : null,
        State = state,
        Nodes = [.. nodes.Values.Select(node => new KnownNode(
            node.Node, running.Values.Count(run => run.Node == node.Node.Id), epochs.FindLast(epoch =>
                epoch.Node.Id == node.Node.Id)?.DrainUntil)
        {
            Declares = declares ? [.. node.Declares] : [],
        })],
    };

    int NumberOf(string node)
    {
        if (numbers.TryGetValue(node, out var number)) return number;
        names.Add(node);
        return numbers[node] = names.Count - 1;
    }
}
