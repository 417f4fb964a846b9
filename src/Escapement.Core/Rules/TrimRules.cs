using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Decides which rows the retention deletes, the same over every store. Pure.</summary>
public static class TrimRules
{
    /// <summary>Returns true if the row of an ended job is deleted, so that the id may come back as a new job.</summary>
    /// <remarks>A declared job stays: a declared job must not begin anew after the deletion of its row.</remarks>
    /// <param name="stored">The job. The store has neither entries nor runs of the job.</param>
    /// <param name="before">The beginning of the retention: older rows are deleted.</param>
    public static bool IsExpired(StoredJob stored, DateTimeOffset before) =>
        stored is { Ended: not null, Job.Origin: JobOrigin.Added, Running: 0 } && stored.MarkedAt < before
            && !(stored.LastFireTime >= before);

    /// <summary>Returns true if an epoch is deleted. A store keeps the newest epoch and the epochs of open runs besides.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="before">The beginning of the retention: older rows are deleted.</param>
    public static bool IsExpired(Epoch epoch, DateTimeOffset before)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        return epoch.Ended < before;
    }

    /// <summary>Returns true if an action is deleted: no fire time of the retention depends on the action.</summary>
    /// <remarks>
    /// An action that moved the watermark accounts for all fire times between both watermarks, whatever the age of the action.
    /// </remarks>
    /// <param name="action">The action.</param>
    /// <param name="before">The beginning of the retention: older rows are deleted.</param>
    public static bool IsExpired(JobAction action, DateTimeOffset before)
    {
        ArgumentNullException.ThrowIfNull(action);
        return action.At < before && !(action.From >= before) && !(action.To >= before);
    }
}
