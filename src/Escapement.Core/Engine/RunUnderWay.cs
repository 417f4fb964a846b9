using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>A handler that was started and has not returned.</summary>
sealed class RunUnderWay(ClaimedRun run, StartRight right, DateTimeOffset startedAt, CancellationTokenSource stop)
{
    int settled;

    public ClaimedRun Run => run;

    public StartRight Right => right;

    public DateTimeOffset StartedAt => startedAt;

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
