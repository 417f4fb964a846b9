using System.Collections.Immutable;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>The notifier of a store used by a single process. A notification is a method call.</summary>
public sealed class LocalNotifier : IStoreNotifier
{
    ImmutableList<Subscription> subscriptions = [];
    ImmutableDictionary<string, Func<NodeInfo>> nodes = ImmutableDictionary<string, Func<NodeInfo>>.Empty;

    /// <inheritdoc/>
    public void Notify(Notification notification)
    {
        if (notification.Signal == StoreSignal.None) return;
        foreach (var subscription in subscriptions) subscription.Call(notification);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Notification> notified)
    {
        var subscription = new Subscription(this, notified);
        ImmutableInterlocked.Update(ref subscriptions, static (all, one) => all.Add(one), subscription);
        return subscription;
    }

    /// <inheritdoc/>
    public void Answer(string node, Func<NodeInfo> report) => ImmutableInterlocked.AddOrUpdate(ref nodes, node, report, (_, _) => report);

    /// <inheritdoc/>
    public Task<IReadOnlyList<NodeInfo>> AskNodesAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<NodeInfo>>([.. nodes.Values.Select(report => report())]);

    sealed class Subscription(LocalNotifier notifier, Action<Notification> notified) : IDisposable
    {
        public void Call(Notification notification)
        {
            try
            {
                notified(notification);
            }
            catch (Exception)
            {
                // The commit precedes the notification: an exception of a subscriber must not make the commit look
                // failed.
            }
        }

        public void Dispose() => ImmutableInterlocked.Update(ref notifier.subscriptions, static (all, one) => all.Remove(one), this);
    }
}
