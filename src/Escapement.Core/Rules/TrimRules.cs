using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The limit of a run's history. The values are stored and never change.</summary>
public enum HistoryLimit
{
    /// <summary>The run is kept for as long as the retention.</summary>
    None = 0,

    /// <summary>The run is limited by <see cref="JobOptions.HistoryDays"/> and <see cref="JobOptions.HistoryRuns"/>.</summary>
    Runs = 1,

    /// <summary>The run did not succeed, and is limited by <see cref="JobOptions.HistoryFailedDays"/>.</summary>
    Failed = 2,
}

/// <summary>Decides which rows the retention deletes, the same over every store. Pure.</summary>
public static class TrimRules
{
    /// <summary>Returns the limit that the options of a job set to the history of an ended run.</summary>
    /// <remarks>
    /// The limit is decided at the end of the run, and stored with the run. A missed run is never limited: the run is the only
    /// record that says why its fire time did not run. A backfill is never limited either: without its run, the fire time would
    /// count as missed again.
    /// </remarks>
    /// <param name="options">The options of the job.</param>
    /// <param name="outcome">The outcome of the run.</param>
    /// <param name="cause">The cause of the run.</param>
    public static HistoryLimit LimitOf(JobOptions options, Outcome outcome, RunCause cause)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (outcome == Outcome.Missed || cause == RunCause.Backfill) return HistoryLimit.None;
        if (outcome != Outcome.Succeeded && options.HistoryFailedDays > 0) return HistoryLimit.Failed;
        return options.HistoryDays > 0 || options.HistoryRuns > 0 ? HistoryLimit.Runs : HistoryLimit.None;
    }

    /// <summary>Returns the instant before which the history deletes runs, or null if their age is not limited.</summary>
    /// <param name="options">The options of the job.</param>
    /// <param name="limit">The limit of the runs.</param>
    /// <param name="now">The store's clock.</param>
    public static DateTimeOffset? HistoryBefore(JobOptions options, HistoryLimit limit, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(options);

        // Without days of their own, runs that did not succeed follow the days of the other runs. Their number stays unlimited.
        var days = limit == HistoryLimit.Failed && options.HistoryFailedDays > 0 ? options.HistoryFailedDays : options.HistoryDays;
        return days > 0 ? now.Minus(TimeSpan.FromDays(days)) : null;
    }

    /// <summary>Returns how many of the newest runs the history keeps, or null if their number is not limited.</summary>
    /// <param name="options">The options of the job.</param>
    /// <param name="limit">The limit of the runs.</param>
    public static int? HistoryRuns(JobOptions options, HistoryLimit limit)
    {
        ArgumentNullException.ThrowIfNull(options);
        return limit == HistoryLimit.Runs && options.HistoryRuns > 0 ? options.HistoryRuns : null;
    }

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
