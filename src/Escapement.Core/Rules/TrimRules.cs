using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>What the retention deletes. Pure.</summary>
static class TrimRules
{
    /// <summary>Whether nothing of an ended job is kept any more, so that its tombstone goes too: an id that comes back is a new job.</summary>
    /// <remarks>A declared job stays: it must not begin anew because its tombstone was forgotten.</remarks>
    /// <param name="stored">The job, without entries and without waiting, running or ended runs.</param>
    /// <param name="before">The instant before which everything is deleted.</param>
    public static bool IsExpired(StoredJob stored, DateTimeOffset before) =>
        stored is { Ended: not null, Job.Origin: JobOrigin.Added, Running: 0 } && stored.MarkedAt < before
            && !(stored.LastFireTime >= before);

    /// <summary>Whether an epoch is deleted.</summary>
    public static bool IsExpired(Epoch epoch, DateTimeOffset before) => epoch.Ended < before;

    /// <summary>Whether an action is deleted: it accounts for no fire time after the instant.</summary>
    /// <remarks>An action that moved the watermark accounts for everything between, however long ago it was made.</remarks>
    public static bool IsExpired(JobAction action, DateTimeOffset before) =>
        action.At < before && !(action.From >= before) && !(action.To >= before);
}
