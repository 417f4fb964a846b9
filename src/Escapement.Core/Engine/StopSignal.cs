namespace Escapement.Engine;

/// <summary>Signals that a node stops, with the limit for its runs.</summary>
/// <param name="clock">The node's clock.</param>
/// <param name="drain">The time for which the runs may continue after the signal.</param>
sealed class StopSignal(TimeProvider clock, TimeSpan drain) : IDisposable
{
    readonly CancellationTokenSource source = new(), hurry = new();
    long drainUntil;

    /// <summary>Cancelled by the signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Cancelled by <see cref="Hurry"/>: the runs end at once.</summary>
    public CancellationToken HurryToken => hurry.Token;

    /// <summary>Whether the signal was given.</summary>
    public bool IsGiven => source.IsCancellationRequested;

    /// <summary>The instant until which runs may go on, or null before the signal.</summary>
    public DateTimeOffset? DrainUntil => Volatile.Read(ref drainUntil) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;

    /// <summary>Gives the signal.</summary>
    public void Give()
    {
        Volatile.Write(ref drainUntil, (clock.GetUtcNow() + drain).UtcTicks);
        source.Cancel();
    }

    /// <summary>Ends the drain of the runs.</summary>
    public void Hurry() => hurry.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        source.Dispose();
        hurry.Dispose();
    }
}
