using System.Collections.Immutable;

namespace Escapement.Stores;

/// <summary>The doorbell of a store that one process has for itself: a ring is a call.</summary>
public sealed class LocalDoorbell : IDoorbell
{
    ImmutableList<Listener> listeners = [];
    ImmutableDictionary<string, Func<NodeReport>> nodes = ImmutableDictionary<string, Func<NodeReport>>.Empty;

    /// <inheritdoc/>
    public void Ring(Bell bell)
    {
        if (bell == Bell.None) return;
        foreach (var listener in listeners)
        {
            try
            {
                listener.Rung(bell);
            }
            catch (Exception)
            {
                // The ring comes after the change: a listener's fault must not make a change that was made look failed.
            }
        }
    }

    /// <inheritdoc/>
    public IDisposable Listen(Action<Bell> rung)
    {
        var listener = new Listener(this, rung);
        ImmutableInterlocked.Update(ref listeners, static (all, one) => all.Add(one), listener);
        return listener;
    }

    /// <inheritdoc/>
    public void Answer(string node, Func<NodeReport> report) => ImmutableInterlocked.AddOrUpdate(ref nodes, node, report, (_, _) => report);

    /// <inheritdoc/>
    public Task<IReadOnlyList<NodeReport>> AskNodesAsync(TimeSpan limit, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<NodeReport>>([.. nodes.Values.Select(report => report())]);

    sealed class Listener(LocalDoorbell bell, Action<Bell> rung) : IDisposable
    {
        public Action<Bell> Rung => rung;

        public void Dispose() => ImmutableInterlocked.Update(ref bell.listeners, static (all, one) => all.Remove(one), this);
    }
}
