namespace Escapement.Testing;

/// <summary>An advance of the clock: until an instant, or until a condition holds.</summary>
/// <param name="until">The instant on the monotonic clock, in ticks.</param>
/// <param name="isReached">Returns true if the goal is reached before the instant. Called when nothing is left to do.</param>
sealed class Goal(long until, Func<bool>? isReached)
{
    readonly TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Until => until;

    /// <summary>True if the condition came to hold, or if the instant was reached without a condition.</summary>
    public Task<bool> Done => done.Task;

    public bool IsReached => isReached?.Invoke() ?? false;

    /// <summary>Ends the advance at its instant.</summary>
    public void End() => done.TrySetResult(isReached is null);

    /// <summary>Ends the advance because its condition holds.</summary>
    public void Reach() => done.TrySetResult(true);

    /// <summary>Ends the advance with an exception.</summary>
    public void Fail(Exception exception) => done.TrySetException(exception);
}
