using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Testing;

/// <summary>The notifier of a store, without the reports of killed processes.</summary>
/// <param name="notifier">The notifier of the store, which belongs to all processes of the test.</param>
/// <param name="isGone">Returns true for the id of a process that was killed or has ended.</param>
sealed class TestNotifier(IStoreNotifier notifier, Func<string, bool> isGone) : IStoreNotifier
{
    /// <inheritdoc/>
    public void Notify(Notification notification) => notifier.Notify(notification);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Notification> notified) => notifier.Subscribe(notified);

    /// <inheritdoc/>
    public void Answer(string node, Func<NodeInfo> report) => notifier.Answer(node, report);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeInfo>> AskNodesAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        [.. (await notifier.AskNodesAsync(limit, cancellationToken)).Where(node => !isGone(node.Id))];
}
