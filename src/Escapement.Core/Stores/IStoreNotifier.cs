using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Sends notifications to the nodes of a store, in this and other processes, and collects node
/// reports.</summary>
public interface IStoreNotifier
{
    /// <summary>Notifies every node of the store, including this node. Never waits and never throws. A notification is
    /// lost only with its receiver.</summary>
    void Notify(Notification notification);

    /// <summary>Subscribes to notifications. The callback may be called on any thread and must be fast.</summary>
    /// <returns>A subscription, ended by disposing.</returns>
    IDisposable Subscribe(Action<Notification> notified);

    /// <summary>Registers the report of a node of this process.</summary>
    /// <param name="node">The node's id.</param>
    /// <param name="report">Creates the report. May be called on any thread and must be fast.</param>
    void Answer(string node, Func<NodeInfo> report);

    /// <summary>Requests reports from every living node of the store.</summary>
    /// <param name="limit">The maximum wait for nodes without an answer.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The reports, including reports of this process. Ended and suspended processes are missing.</returns>
    Task<IReadOnlyList<NodeInfo>> AskNodesAsync(TimeSpan limit, CancellationToken cancellationToken);
}
