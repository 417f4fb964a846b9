namespace Escapement.Engine;

/// <summary>The one wait of the engine's loops: for an instant, or for a ring, whichever comes first.</summary>
/// <param name="clock">Wall clock and timers.</param>
/// <param name="most">The longest single wait: after it the wall clock is read again, so that a machine that slept is late by no more.</param>
sealed class WakeUp(TimeProvider clock, TimeSpan most)
{
    readonly Lock gate = new();
    readonly List<TaskCompletionSource> waiters = [];
    bool rung;

    /// <summary>Ends the wait, or the next one.</summary>
    public void Set()
    {
        lock (gate)
        {
            rung = true;
            foreach (var waiter in waiters) waiter.TrySetResult();
        }
    }

    /// <summary>Forgets rings up to now; what rings after this is not lost.</summary>
    public void Reset()
    {
        lock (gate) rung = false;
    }

    /// <summary>Waits until the instant is not in the future, or until a ring, or until stopped.</summary>
    /// <returns>Without an exception in each case.</returns>
    public async Task WaitUntilAsync(DateTimeOffset? due, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && !IsRung)
        {
            var left = due is { } at ? at - clock.GetUtcNow() : most;
            if (left <= TimeSpan.Zero) return;
            var waiting = WaitAsync(left < most ? left : most, cancellationToken);

            // The clock may have gone on between the reading and the arming: a timer counts from when it is armed.
            if (due <= clock.GetUtcNow()) return;
            await waiting;
        }
    }

    /// <summary>Waits this long, or until a ring, or until stopped.</summary>
    /// <remarks>
    /// One task is awaited, and nothing combines several: <c>WhenAny</c> and <c>WaitAsync</c> are called back on the pool and not on the engine's scheduler.
    /// <c>WaitAsync</c> also cuts the time to whole milliseconds: a wait for less returns at once, over and over, until the clock is there.
    /// </remarks>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        if (time <= TimeSpan.Zero) return;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (rung) return;
            waiters.Add(over);
        }

        using var stopped = cancellationToken.Register(() => over.TrySetResult());

        // A timer may ring a little early: WaitUntilAsync looks at the wall clock again.
        using var timer = clock.CreateTimer(_ => over.TrySetResult(), null, time, Timeout.InfiniteTimeSpan);
        await over.Task;
        lock (gate) waiters.Remove(over);
    }

    bool IsRung
    {
        get
        {
            lock (gate) return rung;
        }
    }
}
