using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Wakes the nodes that share a store, in this process and in others, and lets them say who they are.</summary>
public interface IStoreNotifier
{
    /// <summary>Notifies every node of the store, this one included. Never waits and never throws; a notification may be lost only with its receiver.</summary>
    void Notify(Notification notification);

    /// <summary>Calls back on each notification, on any thread; the callback must be short.</summary>
    /// <returns>Disposing it ends the calls.</returns>
    IDisposable Subscribe(Action<Notification> notified);

    /// <summary>From now on this process answers who it is.</summary>
    /// <param name="node">The node's id.</param>
    /// <param name="report">Makes the answer; short, on any thread.</param>
    void Answer(string node, Func<NodeReport> report);

    /// <summary>Asks every living node of the store who it is.</summary>
    /// <param name="limit">How long to wait for nodes that do not answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answers, this node's included; processes that are gone or stopped are not in it.</returns>
    Task<IReadOnlyList<NodeReport>> AskNodesAsync(TimeSpan limit, CancellationToken cancellationToken);
}
