using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>Finds nodes that are lost: their process is gone, or they drain and their limit has passed by a lease.</summary>
/// <remarks>
/// The limit is counted by this node's own monotonic clock, from when it first read the mark: the owner settles its runs at the limit,
/// and others must not settle them under its hands.
/// </remarks>
sealed class LostNodes(NodeContext context) : IDisposable
{
    readonly Dictionary<string, Watch> watches = [];
    long session = context.Locks.Session;
    long sessionSince = context.Clock.GetTimestamp();

    /// <summary>Called, on any thread, when a process that is waited for has ended.</summary>
    public Action Found { get; set; } = () => { };

    void Tell() => Found();

    sealed class Watch(NodeName node, ILock? life) : IDisposable
    {
        readonly CancellationTokenSource unwanted = new();

        public NodeName Node => node;

        public bool Gone => life is { Held: true };

        /// <summary>The first reading of its drain mark, as a timestamp, and how long it then had.</summary>
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
                // No longer wanted, or the file went away, which proves nothing.
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

    /// <summary>Those that are lost now, of the nodes that a look showed.</summary>
    /// <param name="look">The look.</param>
    /// <param name="passOver">Ids that are asked otherwise: this node, and the owner of the newest epoch while it has not ended.</param>
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

    /// <summary>Waits for the end of those that still have runs; it then calls back.</summary>
    public void WaitForDraining(Look look)
    {
        if (!context.Locks.FreeMeansGone) return;
        foreach (var known in look.Nodes)
            if (known.Name.Id != context.Name.Id && known.Running > 0) _ = Of(known.Name).WaitAsync(Tell);
    }

    /// <summary>Whether a node's process is gone; waits for it from now on, and then calls back.</summary>
    public bool IsGone(NodeName node)
    {
        if (!context.Locks.FreeMeansGone) return false;
        var watch = Of(node);
        if (watch.Gone || (!watch.Waiting && watch.Try())) return true;
        _ = watch.WaitAsync(Tell);
        return false;
    }

    /// <summary>Whether a node's life lock is free where that alone proves nothing; waits for it from now on, and then calls back.</summary>
    /// <remarks>The lock is let go at once: its owner, if it lives, takes the lock again before its next heartbeat. While this process's own session is younger than a lease, a free lock counts for nothing: the server may have just lost all sessions.</remarks>
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

    /// <summary>Stops waiting for a life lock for which another node waits from now on. A node that is first in the queue and does not act on the lock would keep it from the other.</summary>
    public void Release(NodeName node)
    {
        if (context.Locks.FreeMeansGone || !watches.TryGetValue(node.Id, out var watch) || !(watch.Waiting || watch.Gone)) return;
        watches[node.Id] = new(node, context.Locks.LifeOf(node)) { Drain = watch.Drain };
        watch.Dispose();
    }

    /// <summary>Returns whether this process's own session of the locks is another one than at the last call.</summary>
    public bool HasNewSession()
    {
        if (context.Locks.Session == session) return false;
        (session, sessionSince) = (context.Locks.Session, context.Clock.GetTimestamp());
        return true;
    }

    /// <summary>These were settled: lets their life locks go and removes their files.</summary>
    public void Remove(IEnumerable<string> lost)
    {
        foreach (var id in lost)
        {
            if (!watches.Remove(id, out var watch)) continue;
            if (watch.Gone) context.Locks.Remove(watch.Node);
            watch.Dispose();
        }
    }

    /// <summary>This node cannot act on them now: lets the life locks go that it has got, so that others learn of the ends.</summary>
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
