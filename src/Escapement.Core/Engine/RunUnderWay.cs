using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>A run that an executor has: it waits for a worker, its handler is about to be started, or has not returned.</summary>
sealed class RunUnderWay(ClaimedRun run, Activation activation) : IDisposable
{
    const long SettledUnstarted = -1;

    readonly CancellationTokenSource stop = new();

    // In one word, so that exactly one of the begin and the settlement comes first. 0: not begun. Above: begun, in ticks. Below: settled, with the begin negated.
    long state;

    public ClaimedRun Run => run;

    public Activation Activation => activation;

    /// <summary>Asks the handler to stop.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>When the handler began; <see langword="null"/> if it did not.</summary>
    public DateTimeOffset? StartedAt => Math.Abs(Volatile.Read(ref state)) is > 1 and var ticks ? new(ticks, TimeSpan.Zero) : null;

    /// <summary>Whether its outcome is decided already, and the handler need not begin.</summary>
    public bool IsSettled => Volatile.Read(ref state) < 0;

    /// <summary>Whether its node was fenced while it ran.</summary>
    public bool Abandoned { get; private set; }

    /// <summary>Marks the begin of the handler.</summary>
    /// <returns>False if the run is settled: the handler must not begin.</returns>
    public bool Begin(DateTimeOffset at) => Interlocked.CompareExchange(ref state, at.UtcTicks, 0) == 0;

    /// <summary>Settles the run.</summary>
    /// <returns>True for the one who may record the outcome: its end, or the drain limit, whichever comes first.</returns>
    public bool Settle()
    {
        while (true)
        {
            var before = Volatile.Read(ref state);
            if (before < 0) return false;
            if (Interlocked.CompareExchange(ref state, before == 0 ? SettledUnstarted : -before, before) == before) return true;
        }
    }

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

    public void Dispose() => stop.Dispose();
}
