using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The rules of the retention. Pure.</summary>
static class TrimRules
{
    /// <summary>Returns true if nothing of an ended job remains, so that its tombstone is deleted. A later job with the
    /// same id is a new job.</summary>
    /// <remarks>The tombstone of a declared job is kept, because the job must not begin anew.</remarks>
    /// <param name="stored">The job, without entries and without waiting, running or ended runs.</param>
    /// <param name="before">The instant of the retention. Everything earlier is deleted.</param>
    public static bool IsExpired(StoredJob stored, DateTimeOffset before) =>
        stored is { Ended: not null, Job.Origin: JobOrigin.Added, Running: 0 } && stored.MarkedAt < before
            && !(stored.LastFireTime >= before);

    /// <summary>Returns true if an epoch is deleted.</summary>
    public static bool IsExpired(Epoch epoch, DateTimeOffset before) => epoch.Ended < before;

    /// <summary>Returns true if an action is deleted, because it accounts for no fire time after the instant.</summary>
    /// <remarks>An action that moved the watermark accounts for all fire times in between, independent of the time of
    /// the action.</remarks>
    public static bool IsExpired(JobAction action, DateTimeOffset before) =>
        action.At < before && !(action.From >= before) && !(action.To >= before);
}
