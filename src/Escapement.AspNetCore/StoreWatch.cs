namespace Escapement.AspNetCore;

/// <summary>Waits within a request for a condition in the store. Checks at each notification, and also at intervals,
/// because a notification may be lost.</summary>
static class StoreWatch
{
    /// <summary>Waits until a check succeeds.</summary>
    /// <param name="parts">The store and the clock.</param>
    /// <param name="reached">The check. True ends the wait.</param>
    /// <param name="limit">The maximum wait.</param>
    /// <param name="between">The maximum interval between two checks.</param>
    /// <param name="cancellationToken">Cancels the wait: the client has disconnected.</param>
    /// <returns>True if the check succeeded. False after the limit, or when the host stops.</returns>
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

        /// <summary>Returns a task for the next notification. No later notification is lost.</summary>
        public Task Next()
        {
            if (current.Task.IsCompleted) Volatile.Write(ref current, New());
            return current.Task;
        }

        static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
