namespace Escapement.Engine;

/// <summary>Waits for an instant or for a signal, whichever comes first. Used by the engine's loops.</summary>
/// <param name="clock">The wall clock and the timers.</param>
/// <param name="most">
/// The longest single wait. The wall clock is read again after each wait, so that a machine that slept is late by no
/// more than this time.
/// </param>
sealed class WakeUp(TimeProvider clock, TimeSpan most)
{
    readonly Lock gate = new();
    readonly List<TaskCompletionSource> waiters = [];
    bool signalled;

    /// <summary>Ends the wait, or the next wait if nobody waits.</summary>
    public void Signal()
    {
        lock (gate)
        {
            signalled = true;
            foreach (var waiter in waiters) waiter.TrySetResult();
        }
    }

    /// <summary>Forgets the signals up to this call. Later signals are kept.</summary>
    public void Reset()
    {
        lock (gate) signalled = false;
    }

    /// <summary>Waits until the instant is not in the future, for a signal, or until cancelled.</summary>
    /// <returns>A task that ends without an exception in each case.</returns>
    public async Task WaitUntilAsync(DateTimeOffset? due, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && !IsSignalled)
        {
            var left = due is { } at ? at - clock.GetUtcNow() : most;
            if (left <= TimeSpan.Zero) return;
            var waiting = WaitAsync(left < most ? left : most, cancellationToken);

            // The clock may have advanced between the reading and the start of the timer, because a timer counts from
            // its start.
            if (due <= clock.GetUtcNow()) return;
            await waiting;
        }
    }

    /// <summary>Waits for a time span, for a signal, or until cancelled.</summary>
    /// <remarks>
    /// The wait awaits a single task, because <c>WhenAny</c> and <c>WaitAsync</c> would continue on the thread pool
    /// instead of the engine's scheduler. <c>WaitAsync</c> also cuts the time to whole milliseconds. A shorter wait
    /// would return at once, repeatedly, until the time has come.
    /// </remarks>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        if (time <= TimeSpan.Zero) return;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (signalled) return;
            waiters.Add(over);
        }

        using var stopped = cancellationToken.Register(() => over.TrySetResult());

        // A timer may fire slightly early. WaitUntilAsync reads the wall clock again.
        using var timer = clock.CreateTimer(_ => over.TrySetResult(), null, time, Timeout.InfiniteTimeSpan);
        await over.Task;
        lock (gate) waiters.Remove(over);
    }

    bool IsSignalled
    {
        get
        {
            lock (gate) return signalled;
        }
    }
}
