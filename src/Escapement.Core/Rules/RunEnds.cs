using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The consequences of the end of an attempt.</summary>
public readonly struct AfterAttempt
{
    internal AfterAttempt(RunEnd? end, WaitingRun? again, RunEnd? attempt, StoreSignal signal) =>
        (End, Again, Attempt, Signal) = (end, again, attempt, signal);

    /// <summary>The end of the run, or null if a retry follows.</summary>
    public RunEnd? End { get; }

    /// <summary>The retry as a waiting run, or null if the run has ended.</summary>
    public WaitingRun? Again { get; }

    /// <summary>The record of the attempt before the retry, or null if the run has ended.</summary>
    public RunEnd? Attempt { get; }

    /// <summary>The signal to send.</summary>
    public StoreSignal Signal { get; }
}

/// <summary>The rules for ends of runs: recorded by their node, settled for a lost node, or never started. Pure. All
/// retries are decided here.</summary>
public static class RunEnds
{
    /// <summary>The maximum length of a recorded exception text in characters.</summary>
    public const int MaxErrorLength = 4_000;

    /// <summary>Returns true if a report concerns this attempt, from the claiming node and epoch. The later of two ends
    /// is rejected.</summary>
    public static bool Takes(OpenRun open, Finished end) =>
        open.Attempt == end.Attempt && open.Epoch == end.Epoch && open.Node == end.Node;

    /// <summary>Returns true if a rejected report is already recorded: the report was repeated because its answer was
    /// lost.</summary>
    /// <param name="run">The run with its attempts, or null if unknown.</param>
    /// <param name="end">The report.</param>
    /// <remarks>Also compares instant and reason: an interruption settled by another node differs from an interruption
    /// reported by the owner.</remarks>
    public static bool IsRecorded(Run? run, Finished end) => run is not null
        && ((run.State == RunState.Ended && (run.Node, run.Epoch, run.Outcome, run.Reason) == (end.Node, end.Epoch, end.Outcome, end.Reason)
                && run.FinishedAt?.ToMicros() == end.FinishedAt.ToMicros()
                    && run.Attempt == (end.Outcome == Outcome.Missed ? end.Attempt - 1 : end.Attempt))
            || run.Attempts.Any(attempt => (attempt.Node, attempt.Epoch, attempt.Number, attempt.Outcome, attempt.Reason) == (end.Node,
                end.Epoch, end.Attempt, end.Outcome, end.Reason)
                && attempt.FinishedAt.ToMicros() == end.FinishedAt.ToMicros()));

    /// <summary>Returns the consequences of the end of an attempt.</summary>
    /// <param name="stored">The job, or null if its row is missing.</param>
    /// <param name="open">The run.</param>
    /// <param name="end">The end of the attempt.</param>
    public static AfterAttempt After(StoredJob? stored, OpenRun open, Finished end)
    {
        var ended = new RunEnd
        {
            Id = open.Id,
            // The attempt of a missed run existed only in the plan.
            Attempt = end.Outcome == Outcome.Missed ? open.Attempt - 1 : open.Attempt,
            StartedAt = end.StartedAt,
            FinishedAt = end.FinishedAt,
            Outcome = end.Outcome,
            Reason = end.Reason,
            Error = end.Error is { Length: > MaxErrorLength } text ? text[..MaxErrorLength] : end.Error,
        };
        if (end.Outcome == Outcome.Interrupted && stored is not null && RunsAgain(stored))
        {
            // Due since its fire time: an instant from a fast clock would delay the retry after the clock is
            // corrected.
            var again = PutBack(open) with { Attempt = open.Attempt + 1 };
            return new(null, again, ended, StoreSignal.Work);
        }

        return new(ended, null, null, open.Watched ? StoreSignal.RunEnded : StoreSignal.None);
    }

    /// <summary>Returns the report for a run of a lost node.</summary>
    /// <param name="open">The run.</param>
    /// <param name="now">The store's clock.</param>
    public static Finished Lost(OpenRun open, DateTimeOffset now) => new()
    {
        Id = open.Id,
        Node = open.Node ?? "",
        Epoch = open.Epoch,
        Attempt = open.Attempt,
        FinishedAt = now,
        Outcome = Outcome.Interrupted,
        Reason = Reason.Interrupted,
    };

    /// <summary>Returns a claimed run that never started as a waiting run, because its node ended the epoch without the
    /// answer to the claim.</summary>
    public static WaitingRun PutBack(OpenRun open) => new()
    {
        Id = open.Id,
        Due = open.Id.FireTime,
        Attempt = open.Attempt,
        Arguments = open.Arguments,
        Watched = open.Watched,
        HasKey = open.HasKey,
        Cause = open.Cause,
    };

    /// <summary>Returns the record of an attempt before a retry.</summary>
    public static Attempt AttemptOf(OpenRun open, RunEnd end) => new()
    {
        Number = open.Attempt,
        Node = open.Node,
        Epoch = open.Epoch,
        StartedAt = end.StartedAt,
        FinishedAt = end.FinishedAt,
        Outcome = end.Outcome,
        Reason = end.Reason,
        Error = end.Error,
    };

    /// <summary>Returns the end of a waiting run that never starts: missed, or interrupted if an attempt had
    /// started.</summary>
    /// <param name="run">The waiting run.</param>
    /// <param name="reason">The reason why the run never starts.</param>
    /// <param name="now">The store's clock.</param>
    public static RunEnd Unclaimed(WaitingRun run, Reason reason, DateTimeOffset now) => new()
    {
        Id = run.Id,
        Attempt = run.Attempt - 1,
        FinishedAt = now,
        Outcome = run.Attempt == 1 ? Outcome.Missed : Outcome.Interrupted,
        Reason = reason,
    };

    /// <summary>Returns the reason why the waiting runs of an ended job never start, or null if the runs still
    /// start.</summary>
    internal static Reason? EndsWaiting(JobEnd? ended) => ended switch
    {
        JobEnd.Removed or JobEnd.Retired => Reason.Removed,
        JobEnd.SwitchedOff => Reason.SwitchedOff,
        _ => null,
    };

    /// <summary>Returns true if an interrupted run is retried.</summary>
    static bool RunsAgain(StoredJob stored) => stored.Job.Options.RerunIfInterrupted && EndsWaiting(stored.Ended) is null;
}
