using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>A run that a worker has taken: its handler is about to be started, or has not returned.</summary>
sealed class RunUnderWay(ClaimedRun run, StartRight right, CancellationTokenSource stop)
{
    int settled;
    long startedAt;

    public ClaimedRun Run => run;

    public StartRight Right => right;

    /// <summary>When the handler began; null before.</summary>
    public DateTimeOffset? StartedAt
    {
        get => Volatile.Read(ref startedAt) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;
        set => Volatile.Write(ref startedAt, value?.UtcTicks ?? 0);
    }

    /// <summary>Whether its outcome is decided already, and the handler need not begin.</summary>
    public bool IsSettled => Volatile.Read(ref settled) != 0;

    /// <summary>Whether its node was fenced while it ran.</summary>
    public bool Abandoned { get; private set; }

    /// <summary>True for the one who may record the outcome: its end, or the drain limit, whichever comes first.</summary>
    public bool Settle() => Interlocked.Exchange(ref settled, 1) == 0;

    /// <summary>Cancels it because its node is fenced; the outcome would be refused.</summary>
    public void Abandon()
    {
        Abandoned = true;
        _ = Settle();
        Cancel();
    }

    /// <summary>Asks the handler to stop.</summary>
    public void Cancel()
    {
        try
        {
            stop.Cancel();
        }
        catch (Exception e) when (e is ObjectDisposedException or AggregateException)
        {
            // It ended in this moment, or a callback of the handler's threw: its failure stays its own.
        }
    }
}
