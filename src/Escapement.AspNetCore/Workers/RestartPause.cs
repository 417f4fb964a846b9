namespace Escapement.AspNetCore.Workers;

/// <summary>How long to wait before a worker that has ended is started again.</summary>
static class RestartPause
{
    /// <summary>Who lived this long is started again at once.</summary>
    public static TimeSpan LongLife { get; } = TimeSpan.FromSeconds(1);

    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    /// <summary>The next pause.</summary>
    /// <param name="before">The one before this life; zero for none.</param>
    /// <param name="lived">How long the worker lived.</param>
    public static TimeSpan After(TimeSpan before, TimeSpan lived) =>
        lived >= LongLife ? TimeSpan.Zero
        : before == TimeSpan.Zero ? First
        : before * 2 < Most ? before * 2
        : Most;
}
