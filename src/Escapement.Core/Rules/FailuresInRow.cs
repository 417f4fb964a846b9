using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The effect of the end of a run on the count of a job's failures in a row.</summary>
public readonly struct FailureCount
{
    internal FailureCount(int? count, JobEdit? pause) => (Count, Pause) = (count, pause);

    /// <summary>The new value of <see cref="StoredJob.Failures"/>, or null if the count stays.</summary>
    public int? Count { get; }

    /// <summary>The change that pauses the job, to be applied after the count is written, or null.</summary>
    public JobEdit? Pause { get; }
}

/// <summary>Counts failures in a row, and pauses a job after the number of failures that the job allows. The same over every
/// store. Pure.</summary>
public static class FailuresInRow
{
    const string TimedOut = "timed out";

    /// <summary>The number of characters of the last error that the purpose of the pause quotes.</summary>
    const int MaxError = 500;

    /// <summary>Returns true if the failures of a job are counted, so that the rule needs the job's stored count.</summary>
    /// <param name="stored">The job.</param>
    public static bool AreCounted(StoredJob? stored) => stored is { Job.Options.PauseAfterFailures: not null };

    /// <summary>Returns the effect of the end of a run. A success resets the count, a failure and a time limit count, and all
    /// other outcomes leave the count.</summary>
    /// <param name="stored">The job with its stored count.</param>
    /// <param name="end">The end of the run, after its last attempt.</param>
    public static FailureCount After(StoredJob stored, RunEnd end)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(end);
        if (stored.Job.Options.PauseAfterFailures is not { } max) return default;
        if (end.Outcome == Outcome.Succeeded) return new(stored.Failures > 0 ? 0 : null, null);
        if (end.Outcome is not (Outcome.Failed or Outcome.TimedOut)) return default;
        var count = Math.Min(stored.Failures, int.MaxValue - 1) + 1;
        return new(count, count < max ? null : JobEdits.PauseAfterFailures(stored.Job.Id, count, Why(count, end)));
    }

    static string Why(int count, RunEnd end)
    {
        var line = end.Error?.Split('\n', 2)[0].Trim();
        var error = !string.IsNullOrEmpty(line) ? Printable.Shown(line, MaxError) : end.Outcome == Outcome.TimedOut ? TimedOut : null;
        var failures = count == 1 ? "1 failure" : $"{count} failures in a row, the last";
        return $"{failures} at {end.FinishedAt.ToUniversalTime():u}{(error is null ? "" : $": {error}")}";
    }
}
