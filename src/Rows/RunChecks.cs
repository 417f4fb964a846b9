using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>Replaces the values of runs that no process writes, and collects these values for the audit.</summary>
static class RunChecks
{
    /// <summary>Returns an ended run. A run with an unknown outcome counts as interrupted, because whether the run finished is
    /// unknown.</summary>
    /// <param name="run">The run as stored.</param>
    /// <param name="row">The values of its row.</param>
    /// <param name="checks">Collects the values.</param>
    public static Run Ended(Run run, in RunValues row, RowChecks checks)
    {
        var (place, at) = (Place(run), run.Id.FireTime);
        checks.Known<RunCause>(row.Cause, place with { Column = "run.cause" }, at);
        var started = checks.Instant(row.Started, place with { Column = "run.started_at" }, RowChecks.Least, checks.Present, at, "null, ");
        var finished = row.Finished;
        var least = started is { } begin && !checks.IsOrdered(begin, finished) ? begin : RowChecks.Least;
        var end = checks.Instant(finished, place with { Column = "run.finished_at" }, least, checks.Present, at) ?? started;
        return run with
        {
            Outcome = checks.Known<Outcome>(row.Outcome, place with { Column = "run.outcome" }, at) ?? Outcome.Interrupted,
            Reason = checks.Known<Reason>(row.Reason, place with { Column = "run.reason" }, at, "null, "),
            Attempt = Attempt(row.Attempt, place with { Column = "run.attempt" }, 0, checks),
            StartedAt = started is { } first ? Instant.FromMicros(first) : null,
            FinishedAt = end is { } last ? Instant.FromMicros(last) : null,
        };
    }

    /// <summary>Returns a run without an outcome.</summary>
    public static Run Running(Run run, OpenRun open, RowChecks checks)
    {
        var place = Place(run);
        checks.Known<RunCause>((long)open.Cause, place with { Column = "running.cause" }, run.Id.FireTime);
        return run with { Attempt = Attempt(open.Attempt, place with { Column = "running.attempt" }, 1, checks) };
    }

    /// <summary>Returns a waiting run.</summary>
    public static Run Waiting(Run run, WaitingRun waiting, RowChecks checks)
    {
        checks.Known<RunCause>((long)waiting.Cause, Place(run) with { Column = "waiting.cause" }, run.Id.FireTime);
        return run;
    }

    static RowPlace Place(Run run) => new("", $"job {run.Id.Job}, fire_time {run.Id.FireTime}, number {run.Id.Number}", run.Job);

    static int Attempt(long attempt, in RowPlace place, int least, RowChecks checks)
    {
        if (attempt >= least && attempt <= int.MaxValue) return (int)attempt;
        checks.Add(place, RowChecks.Number(attempt), $"{least} – {int.MaxValue}");
        return least;
    }
}

/// <summary>The values of a row of the history that can be checked.</summary>
/// <param name="Attempt">The number of the attempt.</param>
/// <param name="Started">The start of the handler in microseconds since 1970-01-01 UTC, or null.</param>
/// <param name="Finished">The end in microseconds since 1970-01-01 UTC.</param>
/// <param name="Outcome">The number of the outcome.</param>
/// <param name="Reason">The number of the reason, or null.</param>
/// <param name="Cause">The number of the cause.</param>
readonly record struct RunValues(long Attempt, long? Started, long Finished, long Outcome, long? Reason, long Cause);
