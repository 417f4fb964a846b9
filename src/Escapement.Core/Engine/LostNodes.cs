using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>
/// Finds lost nodes: nodes whose process is gone, and draining nodes whose limit passed more than a lease ago.
/// </summary>
/// <remarks>
/// The limit is counted by this node's own monotonic clock, from the first reading of the mark. The owner settles its
/// own runs at the limit, and no other node may interfere with the owner.
/// </remarks>
sealed class LostNodes(NodeContext context) : IDisposable
{
    readonly Dictionary<string, Watch> watches = [];
    long session = context.Locks.Session;
    long sessionSince = context.Clock.GetTimestamp();

    /// <summary>Called on any thread when a watched process has ended.</summary>
    public Action Found { get; set; } = () => { };

    void Tell() => Found();

    sealed class Watch(NodeName node, ILock? life) : IDisposable
    {
        readonly CancellationTokenSource unwanted = new();

        public NodeName Node => node;

        public bool Gone => life is { Held: true };

        /// <summary>The timestamp of the first reading of the drain mark, and the time left at the reading.</summary>
        public (long At, TimeSpan Left)? Drain { get; set; }

        public bool Waiting { get; private set; }

        public bool Try() => life?.TryTake() ?? false;

        public async Task WaitAsync(Action found)
        {
            if (life is null || Waiting) return;
            Waiting = true;
            try
            {
                await life.TakeAsync(unwanted.Token);
                found();
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // The wait was cancelled, or the file disappeared, which proves nothing.
            }
            finally
            {
                Waiting = false;
            }
        }

        public void Dispose()
        {
            unwanted.Cancel();
            life?.Dispose();
            unwanted.Dispose();
        }
    }

    /// <summary>Returns the ids of the nodes in a look that are lost.</summary>
    /// <param name="look">The look.</param>
    /// <param name="passOver">
    /// Ids to skip: this node, and the owner of the newest epoch while the epoch has not ended.
    /// </param>
    public IReadOnlyList<string> Find(Look look, params ReadOnlySpan<string?> passOver)
    {
        List<string> lost = [];
        foreach (var known in look.Nodes)
        {
            if (passOver.Contains(known.Name.Id)) continue;
            var watch = Of(known.Name);
            if (IsGone(watch) || DrainIsOver(watch, known)) lost.Add(known.Name.Id);
        }

        return lost;
    }

    /// <summary>Waits for the end of nodes that still have runs, and then calls <see cref="Found"/>.</summary>
    public void WaitForDraining(Look look)
    {
        if (!context.Locks.FreeMeansGone) return;
        foreach (var known in look.Nodes)
            if (known.Name.Id != context.Name.Id && known.Running > 0) _ = Of(known.Name).WaitAsync(Tell);
    }

    /// <summary>
    /// Returns whether a node's process is gone. If the process lives, waits for its end and then calls
    /// <see cref="Found"/>.
    /// </summary>
    public bool IsGone(NodeName node)
    {
        if (!context.Locks.FreeMeansGone) return false;
        var watch = Of(node);
        if (watch.Gone || (!watch.Waiting && watch.Try())) return true;
        _ = watch.WaitAsync(Tell);
        return false;
    }

    /// <summary>
    /// Returns whether a node's life lock is free, in a store where a free lock alone proves nothing. Otherwise waits
    /// for the lock and then calls <see cref="Found"/>.
    /// </summary>
    /// <remarks>
    /// The lock is released at once, so that a living owner can take the lock again before its next heartbeat. While
    /// this process's own session is younger than a lease, a free lock counts for nothing, because the server may have
    /// just lost all sessions.
    /// </remarks>
    public bool IsFree(NodeName node)
    {
        if (context.Locks.FreeMeansGone) return false;
        var watch = Of(node);
        if (!watch.Gone && (watch.Waiting || !watch.Try()))
        {
            _ = watch.WaitAsync(Tell);
            return false;
        }

        watches.Remove(node.Id);
        watch.Dispose();
        return context.Clock.GetElapsedTime(sessionSince) >= context.Settings.Lease;
    }

    /// <summary>
    /// Stops waiting for a life lock that another node waits for from now on. A node at the front of the queue that
    /// does not act on the lock would keep the lock from the waiting node.
    /// </summary>
    public void Release(NodeName node)
    {
        if (context.Locks.FreeMeansGone || !watches.TryGetValue(node.Id, out var watch) || !(watch.Waiting || watch.Gone)) return;
        watches[node.Id] = new(node, context.Locks.LifeOf(node)) { Drain = watch.Drain };
        watch.Dispose();
    }

    /// <summary>Returns whether this process's own session of the locks has changed since the last call.</summary>
    public bool HasNewSession()
    {
        if (context.Locks.Session == session) return false;
        (session, sessionSince) = (context.Locks.Session, context.Clock.GetTimestamp());
        return true;
    }

    /// <summary>Releases the life locks of settled nodes and removes the files.</summary>
    public void Remove(IEnumerable<string> lost)
    {
        foreach (var id in lost)
        {
            if (!watches.Remove(id, out var watch)) continue;
            if (watch.Gone) context.Locks.Remove(watch.Node);
            watch.Dispose();
        }
    }

    /// <summary>
    /// Releases the acquired life locks, so that other nodes learn of the ends. Called when this node cannot settle the
    /// lost nodes.
    /// </summary>
    public void Release()
    {
        foreach (var (id, watch) in watches)
        {
            if (!watch.Gone) continue;
            watches.Remove(id);
            watch.Dispose();
        }
    }

    bool IsGone(Watch watch) => context.Locks.FreeMeansGone && (watch.Gone || watch.Try());

    bool DrainIsOver(Watch watch, KnownNode known)
    {
        if (known.DrainUntil is not { } until) return false;
        if (watch.Drain is not { } first)
        {
            var left = until - context.Clock.GetUtcNow();
            watch.Drain = (context.Clock.GetTimestamp(), left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return false;
        }

        return context.Clock.GetElapsedTime(first.At) > first.Left + context.Settings.Lease;
    }

    Watch Of(NodeName node) =>
        watches.TryGetValue(node.Id, out var watch) ? watch : watches[node.Id] = new(node, context.Locks.LifeOf(node));

    public void Dispose()
    {
        foreach (var watch in watches.Values) watch.Dispose();
        watches.Clear();
    }
}
