namespace Escapement.Leadership;

/// <summary>A lock without contention.</summary>
sealed class FreeLock : ILock
{
    public bool Held { get; private set; }

    public bool TryTake() => Held = true;

    public Task TakeAsync(CancellationToken cancellationToken)
    {
        Held = true;
        return Task.CompletedTask;
    }

    public void Release() => Held = false;

    public bool WasReplaced() => false;

    public void Dispose()
    {
    }
}
