using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>What follows the end of an attempt.</summary>
/// <param name="End">The end of the run; null where it goes on with another attempt.</param>
/// <param name="Again">The next attempt, as a waiting run; null where the run has ended.</param>
/// <param name="Attempt">The attempt that another follows, for the record; null where the run has ended.</param>
/// <param name="Signal">What is notified.</param>
public readonly record struct AfterAttempt(RunEnd? End, WaitingRun? Again, RunEnd? Attempt, StoreSignal Signal);

/// <summary>The ends of runs: recorded by their node, settled because it is lost, or never begun. Pure; retries live here and nowhere else.</summary>
public static class RunEnds
{
    /// <summary>The most characters that are kept of what a handler threw.</summary>
    public const int MaxErrorLength = 4_000;

    /// <summary>Whether a report is about this attempt, by the node and under the epoch that claimed it. Whichever end comes second is refused.</summary>
    public static bool Takes(OpenRun open, Finished end) =>
        open.Attempt == end.Attempt && open.Epoch == end.Epoch && open.Node == end.Node;

    /// <summary>Whether a report that is not taken is recorded already: it was sent again because its answer was lost.</summary>
    /// <param name="run">The run with its attempts; null where it is not known.</param>
    /// <param name="end">The report.</param>
    /// <remarks>By its instant and its reason, too: what another node settled as interrupted is not what the owner reports as interrupted.</remarks>
    public static bool IsRecorded(Run? run, Finished end) => run is not null
        && ((run.State == RunState.Ended && (run.Node, run.Epoch, run.Outcome, run.Reason) == (end.Node, end.Epoch, end.Outcome, end.Reason)
                && run.FinishedAt?.ToMicros() == end.FinishedAt.ToMicros()
                    && run.Attempt == (end.Outcome == Outcome.Missed ? end.Attempt - 1 : end.Attempt))
            || run.Attempts.Any(attempt => (attempt.Node, attempt.Epoch, attempt.Number, attempt.Outcome, attempt.Reason) == (end.Node,
                end.Epoch, end.Attempt, end.Outcome, end.Reason)
                && attempt.FinishedAt.ToMicros() == end.FinishedAt.ToMicros()));

    /// <summary>Returns what follows the end of an attempt.</summary>
    /// <param name="stored">The job as it stands; null where its row is gone.</param>
    /// <param name="open">The run.</param>
    /// <param name="end">How the attempt ended.</param>
    public static AfterAttempt After(StoredJob? stored, OpenRun open, Finished end)
    {
        var ended = new RunEnd
        {
            Id = open.Id,
            // A run that is missed was an attempt only in the plan.
            Attempt = end.Outcome == Outcome.Missed ? open.Attempt - 1 : open.Attempt,
            StartedAt = end.StartedAt,
            FinishedAt = end.FinishedAt,
            Outcome = end.Outcome,
            Reason = end.Reason,
            Error = end.Error is { Length: > MaxErrorLength } text ? text[..MaxErrorLength] : end.Error,
        };
        if (end.Outcome == Outcome.Interrupted && stored is not null && RunsAgain(stored))
        {
            // Due since its fire time: an instant read from a clock that is ahead would hold it back once the clock is set right.
            var again = new WaitingRun
            {
                Id = open.Id,
                Due = open.Id.FireTime,
                Attempt = open.Attempt + 1,
                Arguments = open.Arguments,
                Watched = open.Watched,
                HasKey = open.HasKey
            };
            return new(null, again, ended, StoreSignal.Work);
        }

        return new(ended, null, null, open.Watched ? StoreSignal.RunEnded : StoreSignal.None);
    }

    /// <summary>Returns the report of a run whose node is lost.</summary>
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

    /// <summary>Returns a claimed run that never began as a waiting run: its node has ended the epoch without the answer to the claim.</summary>
    public static WaitingRun PutBack(OpenRun open) => new()
    {
        Id = open.Id,
        Due = open.Id.FireTime,
        Attempt = open.Attempt,
        Arguments = open.Arguments,
        Watched = open.Watched,
        HasKey = open.HasKey,
    };

    /// <summary>Returns the record of an attempt that another one follows.</summary>
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

    /// <summary>Returns the end of a waiting run that never starts: missed, or interrupted where an attempt had begun.</summary>
    /// <param name="run">The waiting run.</param>
    /// <param name="reason">Why it never starts.</param>
    /// <param name="now">The store's clock.</param>
    public static RunEnd Unclaimed(WaitingRun run, Reason reason, DateTimeOffset now) => new()
    {
        Id = run.Id,
        Attempt = run.Attempt - 1,
        FinishedAt = now,
        Outcome = run.Attempt == 1 ? Outcome.Missed : Outcome.Interrupted,
        Reason = reason,
    };

    /// <summary>Returns why the waiting runs of a job that has ended never start; null where they still do.</summary>
    public static Reason? EndsWaiting(JobEnd? ended) => ended switch
    {
        JobEnd.Removed or JobEnd.Retired => Reason.Removed,
        JobEnd.SwitchedOff => Reason.SwitchedOff,
        _ => null,
    };

    /// <summary>Whether a run whose attempt was interrupted is tried again.</summary>
    static bool RunsAgain(StoredJob stored) => stored.Job.Options.RerunIfInterrupted && EndsWaiting(stored.Ended) is null;
}
