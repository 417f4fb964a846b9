using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>Collects the values of pauses that no process writes.</summary>
static class PauseChecks
{
    /// <summary>Returns true if a pause of a known scope has begun, and ended after its beginning or not yet. A pause that ended
    /// after the clock was set back may end before its beginning: a clock jump or the recorded change at its end shows this.</summary>
    public static bool IsSound(in PauseValues row, RowChecks checks)
    {
        RowPlace place = new("pause.at", $"scope {row.Scope}, name '{row.Name}'");
        if (checks.Known<PauseScope>(row.Scope, new("pause.scope", $"name '{row.Name}', at {row.At}"), row.At) is null) return false;
        if (row.Failures is < 1 or > int.MaxValue)
            checks.Add(place with { Column = "pause.failures" }, RowChecks.Text(row.Failures), $"null, 1 – {int.MaxValue}", row.At);
        if (row.Action is null) checks.Add(place with { Column = "pause.action" }, "null", "action.number", row.At);
        checks.Instant(row.Until, place with { Column = "pause.until" }, RowChecks.Least, RowChecks.Most, row.At);
        if (checks.Instant(row.At, place, RowChecks.Least, checks.Present) is null) return false;
        if (row.Ended is not { } ended) return true;
        var least = checks.IsOrdered(row.At, ended) || checks.HasAction(ended) ? RowChecks.Least : row.At;
        return checks.Instant(ended, place with { Column = "pause.ended" }, least, checks.Present, row.At) is not null;
    }

    /// <summary>Returns the end of a pause, or null for an end that no process writes.</summary>
    public static DateTimeOffset? Until(long? until) =>
        until is >= RowChecks.Least and <= RowChecks.Most ? Instant.FromMicros(until.Value) : null;

    /// <summary>Returns the number of failures that caused a pause, or null for a number that no process writes.</summary>
    public static int? Failures(long? failures) => failures is >= 1 and <= int.MaxValue ? (int)failures : null;
}

/// <summary>The values of the row of a pause that can be checked.</summary>
/// <param name="Scope">The number of the scope.</param>
/// <param name="Name">The name of the job, tag or executor.</param>
/// <param name="At">The beginning in microseconds since 1970-01-01 UTC.</param>
/// <param name="Until">The end that was asked for in microseconds since 1970-01-01 UTC, or null.</param>
/// <param name="Action">The number of the action that began the pause, or null.</param>
/// <param name="Failures">The number of failures in a row that caused the pause, or null.</param>
/// <param name="Ended">The end in microseconds since 1970-01-01 UTC, or null.</param>
readonly record struct PauseValues(long Scope, string Name, long At, long? Until, long? Action, long? Failures, long? Ended);
