using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>Leaves out the values of the scheduler state that no process writes, and collects these values for the
/// audit.</summary>
static class StateChecks
{
    /// <summary>Returns the state with a record that begins before the present, and with a recorded last pause.</summary>
    /// <param name="state">The state as stored.</param>
    /// <param name="row">The values of its row.</param>
    /// <param name="checks">Collects the values, or null.</param>
    public static SchedulerState Checked(SchedulerState state, in StateValues row, RowChecks? checks)
    {
        var complete = row.CompleteSince;
        if (checks is not null) complete = checks.Instant(complete, new("state.complete_since", "1"), RowChecks.Least, checks.Now);
        var isRecorded = IsRecorded(row, complete);
        if (!isRecorded && (row.PausedFrom ?? row.PausedTo) is not null)
        {
            checks?.Add(new("state.paused_from, state.paused_to", "1"), $"{RowChecks.Text(row.PausedFrom)}, {RowChecks.Text(row.PausedTo)}",
                "null, null; pause.at, pause.ended (scope 0)");
        }

        return state with
        {
            CompleteSince = complete is { } since ? Instant.FromMicros(since) : null,
            PausedBefore = isRecorded ? state.PausedBefore : null,
        };
    }

    /// <summary>Returns true if the last pause of the scheduler is recorded. A pause may end several pauses that followed one another,
    /// and the retention deletes the rows of the pauses.</summary>
    static bool IsRecorded(in StateValues row, long? complete) => row is { PausedFrom: not null, PausedTo: not null }
        && (row.PausedTo < complete || (row.HasEnd && (row.HasBegin || row.PausedFrom < complete)));
}

/// <summary>The values of the row of the state that can be checked, in microseconds since 1970-01-01 UTC.</summary>
/// <param name="CompleteSince">The beginning of the complete record, or null.</param>
/// <param name="PausedFrom">The beginning of the last pause of the scheduler, or null.</param>
/// <param name="PausedTo">The end of the last pause of the scheduler, or null.</param>
/// <param name="HasBegin">True if a pause of the scheduler that begins with the last pause is recorded.</param>
/// <param name="HasEnd">True if a pause of the scheduler that ends with the last pause is recorded.</param>
readonly record struct StateValues(long? CompleteSince, long? PausedFrom, long? PausedTo, bool HasBegin, bool HasEnd);
