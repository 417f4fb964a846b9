using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    readonly List<Epoch> epochs = [];
    readonly Dictionary<string, (NodeName Name, IReadOnlyList<string> Declares)> nodes = [];

    // Rows of runs name nodes by number.
    readonly List<string> names = [];
    readonly Dictionary<string, int> numbers = [];

    /// <inheritdoc/>
    public Task EnterAsync(NodeName node, IReadOnlyCollection<string> declares, CancellationToken stop)
    {
        lock (gate) nodes[node.Id] = (node, [.. declares]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<Raised> RaiseAsync(RaiseRequest request, CancellationToken stop)
    {
        Raised raised;
        Bell bell;
        lock (gate)
        {
            var before = epochs is [.., var newest] ? newest : null;
            if (request.Seen != EpochSeen.Of(before) || state.ShutDown is not null) return Task.FromResult(new Raised(null, before, 0));
            var now = Now();
            if (before is { Ended: null })
                epochs[^1] = before = before with { Ended = before.LastSign, How = request.Why, EndedBy = request.Node.Id };
            var epoch = new Epoch
            {
                Number = Math.Max(before?.Number ?? 0, request.Floor) + 1,
                Node = request.Node,
                Begun = now,
                WithLock = request.WithLock,
                Beat = 0,
                LastSign = now,
            };
            epochs.Add(epoch);
            var overtaken = epochs.Where(e => e.How is EpochEnd.ProcessGone or EpochEnd.LeaseOver).Select(e => e.Number).ToHashSet();
            var (settled, rings) = Settle(row => overtaken.Contains(row.Epoch) || request.Lost.Contains(names[row.Node]), now);
            foreach (var lost in request.Lost) nodes.Remove(lost);
            if (before is { How: EpochEnd.ProcessGone } && before.Node.Id != request.Node.Id) nodes.Remove(before.Node.Id);
            raised = new(epoch, before, settled);
            bell = rings | Bell.Epoch;
        }
        doorbell.Ring(bell);
        return Task.FromResult(raised);
    }

    /// <inheritdoc/>
    public Task<int> SettleAsync(long epoch, IReadOnlyCollection<string> lost, CancellationToken stop)
    {
        int settled;
        Bell bell;
        lock (gate)
        {
            if (epochs is not [.., { Ended: null } newest] || newest.Number != epoch) return Task.FromResult(-1);
            (settled, bell) = Settle(row => lost.Contains(names[row.Node]), Now());
            foreach (var node in lost) nodes.Remove(node);
        }
        doorbell.Ring(bell);
        return Task.FromResult(settled);
    }

    /// <inheritdoc/>
    public Task<Look> BeatAsync(string node, long epoch, CancellationToken stop)
    {
        lock (gate)
        {
            if (IsCurrent(node, epoch)) Beat(Now());
            return Task.FromResult(Look());
        }
    }

    /// <inheritdoc/>
    public Task<Look> LookAsync(CancellationToken stop)
    {
        lock (gate) return Task.FromResult(Look());
    }

    /// <inheritdoc/>
    public Task<Look> AskForBeatAsync(string node, EpochSeen seen, CancellationToken stop)
    {
        Look look;
        bool asks;
        lock (gate)
        {
            asks = epochs is [.., var newest] && EpochSeen.Of(newest) == seen;
            if (asks) epochs[^1] = epochs[^1] with { Questions = epochs[^1].Questions + 1 };
            look = Look();
        }
        if (asks) doorbell.Ring(Bell.Question);
        return Task.FromResult(look);
    }

    /// <inheritdoc/>
    public Task<bool> LeaveAsync(LeaveRequest request, CancellationToken stop)
    {
        lock (gate)
        {
            if (!IsCurrent(request.Node, request.Epoch)) return Task.FromResult(false);
            epochs[^1] = epochs[^1] with { Ended = Now(), How = request.How, DrainUntil = request.DrainUntil };
        }
        doorbell.Ring(Bell.Epoch);
        return Task.FromResult(true);
    }

    bool IsCurrent(string node, long epoch) => epochs is [.., { Ended: null } newest] && newest.Number == epoch && newest.Node.Id == node;

    /// <summary>A sign of life of the newest epoch; it answers the questions too.</summary>
    void Beat(DateTimeOffset now) => epochs[^1] = epochs[^1] with { Beat = epochs[^1].Beat + 1, LastSign = now, Questions = 0 };

    (int Settled, Bell Bell) Settle(Predicate<RunRow> isLost, DateTimeOffset now)
    {
        var (settled, bell) = (0, Bell.None);
        foreach (var id in running.Keys.ToList())
        {
            if (!history.TryGet(id, out var row) || !isLost(row)) continue;
            bell |= End(new(id, names[row.Node], row.Epoch, row.Attempt, null, now, Outcome.Interrupted, Reason.Interrupted), row);
            settled++;
        }
        return (settled, bell);
    }

    Look Look() => new(epochs is [.., var newest] ? newest : null, state, [.. nodes.Values.Select(node => new KnownNode(
        node.Name, node.Declares, running.Keys.Count(id => history.TryGet(id, out var row) && names[row.Node] == node.Name.Id),
        epochs.FindLast(epoch => epoch.Node.Id == node.Name.Id)?.DrainUntil))]);

    int NumberOf(string node)
    {
        if (numbers.TryGetValue(node, out var number)) return number;
        names.Add(node);
        return numbers[node] = names.Count - 1;
    }
}
