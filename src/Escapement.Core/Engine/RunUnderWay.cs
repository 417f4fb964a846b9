using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>
/// A run in an executor: waiting for a worker, about to start its handler, or with a handler that has not returned.
/// </summary>
sealed class RunUnderWay(ClaimedRun run, Activation activation) : IDisposable
{
    const long SettledUnstarted = -1;

    readonly CancellationTokenSource stop = new();

    // A single word, so that either the begin or the settlement comes first. 0: not begun. Positive: begun, in ticks.
    // Negative: settled, with the begin negated.
    long state;

    public ClaimedRun Run => run;

    public Activation Activation => activation;

    /// <summary>The cancellation token of the handler.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>
    /// The instant at which the handler began, or <see langword="null"/> if the handler has not begun.
    /// </summary>
    public DateTimeOffset? StartedAt => Math.Abs(Volatile.Read(ref state)) is > 1 and var ticks ? new(ticks, TimeSpan.Zero) : null;

    /// <summary>Whether the outcome is already decided, so that the handler need not begin.</summary>
    public bool IsSettled => Volatile.Read(ref state) < 0;

    /// <summary>Whether the node was fenced during the run.</summary>
    public bool Abandoned { get; private set; }

    /// <summary>Marks the begin of the handler.</summary>
    /// <returns>False if the run is settled: the handler must not begin.</returns>
    public bool Begin(DateTimeOffset at) => Interlocked.CompareExchange(ref state, at.UtcTicks, 0) == 0;

    /// <summary>Settles the run.</summary>
    /// <returns>
    /// True for the caller that may record the outcome. The end of the run or the drain limit settles first, and only
    /// the first call returns true.
    /// </returns>
    public bool Settle()
    {
        while (true)
        {
            var before = Volatile.Read(ref state);
            if (before < 0) return false;
            if (Interlocked.CompareExchange(ref state, before == 0 ? SettledUnstarted : -before, before) == before) return true;
        }
    }

    /// <summary>Cancels the run because its node is fenced and the outcome would be refused.</summary>
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
            // The run ended at this moment, or a callback of the handler threw. The handler itself is responsible for
            // such a failure.
        }
    }

    public void Dispose() => stop.Dispose();
}
