using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>
/// Watches the epochs of the other nodes if every node of a store is active, and ends each epoch whose node is lost.
/// The runs of the epoch are settled with it.
/// </summary>
/// <remarks>
/// Every node watches every other node, so that nodes that stop together are found together. If a life lock can come
/// free while its process lives, each node waits only for the lock of the next epoch in a ring. Rows are judged as read
/// by the node's own last heartbeat, so a node that was away sends a heartbeat before judging any other node.
/// </remarks>
/// <param name="context">The context of the node.</param>
/// <param name="mine">The node's own epoch. Only a living epoch may settle others.</param>
/// <param name="lost">The watch over life locks.</param>
sealed class OtherEpochs(NodeContext context, Epoch mine, LostNodes lost)
{
    readonly Dictionary<long, EpochWatch> watches = [];

    /// <summary>The time until the next look, or null if no epoch is watched.</summary>
    public TimeSpan? Pause => watches.Values.Min(watch => watch.Pause);

    /// <summary>Starts all counts again.</summary>
    public void Restart()
    {
        foreach (var watch in watches.Values) watch.Restart();
    }

    /// <summary>
    /// Judges the epochs as the node's own heartbeat read the rows. Probes silent epochs and ends lost epochs.
    /// </summary>
    public async Task WatchAsync(Look look, CancellationToken cancellationToken)
    {
        if (lost.HasNewSession()) Restart();
        List<Epoch> rows = [.. look.Living.Concat(look.Draining).Where(row => row.Node.Id != context.Name.Id).OrderBy(row => row.Number)];
        foreach (var number in watches.Keys.Except(rows.Select(row => row.Number)).ToList()) watches.Remove(number);
        var neighbour = rows.Find(row => row.Number > mine.Number) ?? rows.FirstOrDefault();
        foreach (var row in rows)
        {
            if (row.Node != neighbour!.Node) lost.Release(row.Node);
            if (!watches.TryGetValue(row.Number, out var watch)) watches[row.Number] = watch = new(context);
            var (step, why) = lost.IsGone(row.Node) ? (LeaseStep.Raise, EpochEnd.ProcessGone)
                : watch.Judge(EpochSeen.Of(row), row == neighbour && !watch.IsProbing && lost.IsFree(row.Node));
            switch (step)
            {
                case LeaseStep.Ask:
                    await context.Store.LookAsync(new Sign.Probe(context.Name.Id, EpochSeen.Of(row)), cancellationToken);
                    watch.Probed();
                    break;
                case LeaseStep.Raise:
                    watch.Restart();
                    await EndAsync(row, why, look.Living.Any(other => other.Node.Id == row.Node.Id && other.Number != row.Number),
                        cancellationToken);
                    break;
            }
        }
    }

    /// <summary>
    /// Ends an epoch as judged. If the row has changed since, or this node's own epoch has ended, the store changes
    /// nothing.
    /// </summary>
    /// <remarks>
    /// The node is removed from the store unless another of its epochs lives. A node that was only silent registers
    /// itself again when it finds itself fenced.
    /// </remarks>
    async Task EndAsync(Epoch row, EpochEnd why, bool nodeLives, CancellationToken cancellationToken)
    {
        var change = new EpochChange
        {
            By = (context.Name.Id, mine.Number),
            Ends = [(EpochSeen.Of(row), why)],
            Lost = nodeLives
            ? []
            : [row.Node.Id]
        };
        var changed = await context.Store.ChangeEpochsAsync(change, cancellationToken);
        if (!changed.Done) return;
        watches.Remove(row.Number);
        if (why == EpochEnd.ProcessGone) lost.Remove([row.Node.Id]);
        Log.NodeLost(context.Log, row.Node.Pid, row.Node.Host, why == EpochEnd.ProcessGone
            ? "its process is gone"
            : "its lease is over", row.Number, changed.Settled);
    }
}
