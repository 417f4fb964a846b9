namespace Escapement.AspNetCore;

/// <summary>Waits within a request until the store shows something: looks at each ring, and now and then without one, as a ring may be lost.</summary>
static class StoreWatch
{
    /// <summary>Waits until a look shows it.</summary>
    /// <param name="parts">The store and the clock.</param>
    /// <param name="reached">Looks; true ends the wait.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="between">The longest time between two looks.</param>
    /// <param name="cancellationToken">Gives up: the caller is gone.</param>
    /// <returns>Whether it was seen; false after the limit, or when the host stops.</returns>
    public static async Task<bool> WaitAsync(ApiContext parts, Func<Task<bool>> reached, TimeSpan limit, TimeSpan between,
        CancellationToken cancellationToken)
    {
        var rung = new Signal();
        using var listening = parts.Store.Notifier.Subscribe(_ => rung.Set());
        using var stopping = parts.Stopping.Register(rung.Set);
        var begun = parts.Clock.GetTimestamp();
        while (true)
        {
            var ring = rung.Next();
            if (await reached()) return true;
            var left = limit - parts.Clock.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero || parts.Stopping.IsCancellationRequested) return false;
            try
            {
                await ring.WaitAsync(left < between ? left : between, parts.Clock, cancellationToken);
            }
            catch (TimeoutException)
            {
            }
        }
    }

    sealed class Signal
    {
        TaskCompletionSource current = New();

        public void Set() => Volatile.Read(ref current).TrySetResult();

        /// <summary>The next ring; one that comes from now on is not lost.</summary>
        public Task Next()
        {
            if (current.Task.IsCompleted) Volatile.Write(ref current, New());
            return current.Task;
        }

        static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
