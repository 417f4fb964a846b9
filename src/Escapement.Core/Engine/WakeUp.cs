namespace Escapement.Engine;

/// <summary>The one wait of the engine's loops: for an instant, or for a ring, whichever comes first.</summary>
/// <param name="clock">Wall clock and timers.</param>
/// <param name="most">The longest single wait: after it the wall clock is read again, so that a machine that slept is late by no more.</param>
sealed class WakeUp(TimeProvider clock, TimeSpan most)
{
    TaskCompletionSource signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends the wait, or the next one.</summary>
    public void Set() => Volatile.Read(ref signal).TrySetResult();

    /// <summary>Forgets rings up to now; what rings after this is not lost.</summary>
    public void Reset()
    {
        if (signal.Task.IsCompleted) Volatile.Write(ref signal, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Waits until the instant is not in the future, or until a ring, or until stopped.</summary>
    /// <returns>Without an exception in each case.</returns>
    public async Task WaitUntilAsync(DateTimeOffset? due, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !signal.Task.IsCompleted)
        {
            var left = due is { } at ? at - clock.GetUtcNow() : most;
            if (left <= TimeSpan.Zero) return;
            var waiting = WaitAsync(left < most ? left : most, stop);

            // The clock may have gone on between the reading and the arming: a timer counts from when it is armed.
            if (due <= clock.GetUtcNow()) return;
            await waiting;
        }
    }

    /// <summary>Waits this long, or until a ring, or until stopped.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken stop)
    {
        if (time <= TimeSpan.Zero) return;
        try
        {
            // A timer may ring a little early: WaitUntilAsync looks at the wall clock again.
            await signal.Task.WaitAsync(time, clock, stop);
        }
        catch (TimeoutException)
        {
        }
        catch (OperationCanceledException)
        {
        }
    }
}
