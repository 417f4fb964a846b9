namespace Escapement.AspNetCore.Workers;

/// <summary>Computes the pause before a worker's restart.</summary>
static class RestartPause
{
    /// <summary>A worker with at least this lifetime is restarted without a pause.</summary>
    public static TimeSpan LongLife { get; } = TimeSpan.FromSeconds(1);

    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    /// <summary>Returns the next pause.</summary>
    /// <param name="before">The pause before this lifetime, or zero.</param>
    /// <param name="lived">The lifetime of the worker.</param>
    public static TimeSpan After(TimeSpan before, TimeSpan lived) =>
        lived >= LongLife ? TimeSpan.Zero
        : before == TimeSpan.Zero ? First
        : before * 2 < Most ? before * 2
        : Most;
}
