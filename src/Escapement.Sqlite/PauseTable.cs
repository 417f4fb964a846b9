using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>The pauses of all scopes.</summary>
static class PauseTable
{
    /// <summary>Returns the pauses of tags and executors without a recorded end.</summary>
    public static List<ScopedPause> Scopes(SqliteSession db) => Read(db[SqliteStatements.OpenScopes]);

    /// <summary>Returns the pauses of all scopes that last.</summary>
    public static List<ScopedPause> Open(SqliteSession db, DateTimeOffset now) =>
        [.. Read(db[SqliteStatements.OpenPauses]).Where(pause => ScopedPauses.Seen(pause, now).Ended is null)];

    /// <summary>Returns the pauses that touch a span.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="from">The inclusive start of the span in microseconds since 1970.</param>
    /// <param name="to">The exclusive end of the span.</param>
    /// <param name="job">Only pauses of this job and of wider scopes, or null for all.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="checks">Collects values that no process writes.</param>
    public static List<ScopedPause> OfSpan(SqliteSession db, long from, long to, string? job, DateTimeOffset now, RowChecks checks) =>
        [.. Read(db[SqliteStatements.Pauses].With(job).With(from).With(to), checks).Select(pause => ScopedPauses.Seen(pause, now))
            .Where(pause => !(pause.Ended?.ToMicros() < from))];

    public static void Open(SqliteSession db, PauseScope scope, string name, PauseRecord pause) =>
        db[SqliteStatements.OpenPause].With((long)scope).With(name)
        .With(pause.At.ToMicros()).With(pause.Until?.ToMicros()).With(pause.By).With(pause.Why).With(pause.Action)
            .With((long?)pause.Scope).With(pause.Name).With((long?)pause.AfterFailures).Run();

    public static void Close(SqliteSession db, PauseScope scope, string name, DateTimeOffset at) =>
        db[SqliteStatements.ClosePause].With(at.ToMicros()).With((long)scope).With(name).Run();

    /// <summary>Reads a pause from eight columns. Returns null if the columns are null.</summary>
    public static PauseRecord? Pause(Statement row, int column) => row.Maybe(column) is { } at
        ? new()
        {
            At = Instant.FromMicros(at),
            Until = row.Maybe(column + 1) is { } until and >= RowChecks.Least and <= RowChecks.Most ? Instant.FromMicros(until) : null,
            By = row.MaybeText(column + 2),
            Why = row.MaybeText(column + 3),
            Action = row.Maybe(column + 4),
            Scope = (PauseScope?)row.Maybe(column + 5),
            Name = row.MaybeText(column + 6),
            AfterFailures = row.Maybe(column + 7) is { } failures and >= 1 and <= int.MaxValue ? (int)failures : null,
        }
        : null;

    static List<ScopedPause> Read(Statement row, RowChecks? checks = null)
    {
        List<ScopedPause> pauses = [];
        while (row.Read())
        {
            if (checks is not null && !IsSound(row, checks)) continue;
            pauses.Add(new()
            {
                Scope = (PauseScope)row.Long(0),
                Name = row.Text(1),
                Pause = Pause(row, 2)!,
                Ended = Maybe(row, 10)
            });
        }

        return pauses;
    }

    /// <summary>Returns true if a pause of a known scope has begun, and ended after its beginning or not yet. A pause that ended
    /// after the clock was set back may end before its beginning: a clock jump or the recorded change at its end shows this.</summary>
    static bool IsSound(Statement row, RowChecks checks)
    {
        RowPlace place = new("pause.at", $"scope {row.Long(0)}, name '{row.Text(1)}'");
        var at = row.Long(2);
        if (checks.Known<PauseScope>(row.Long(0), new("pause.scope", $"name '{row.Text(1)}', at {at}"), at) is null) return false;
        if (row.Maybe(9) is < 1 or > int.MaxValue)
            checks.Add(place with { Column = "pause.failures" }, RowChecks.Number(row.Long(9)), $"null, 1 – {int.MaxValue}", at);
        if (row.Maybe(6) is null) checks.Add(place with { Column = "pause.action" }, "null", "action.number", row.Long(2));
        checks.Instant(row.Maybe(3), place with { Column = "pause.until" }, RowChecks.Least, RowChecks.Most, row.Long(2));
        if (checks.Instant(at, place, RowChecks.Least, checks.Present) is null) return false;
        if (row.Maybe(10) is not { } ended) return true;
        var least = checks.IsOrdered(at, ended) || checks.HasAction(ended) ? RowChecks.Least : at;
        return checks.Instant(ended, place with { Column = "pause.ended" }, least, checks.Present, at) is not null;
    }

    static DateTimeOffset? Maybe(Statement row, int column) => row.Maybe(column) is { } micros ? Instant.FromMicros(micros) : null;
}
