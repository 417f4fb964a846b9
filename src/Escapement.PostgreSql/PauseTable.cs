using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The pauses of all scopes.</summary>
static class PauseTable
{
    const string Columns = "select scope, name, at, until, by, why, action, of_scope, of_name, failures, ended from esc.pause";

    static readonly Sql AddOrChange = new("""
        insert into esc.pause(scope, name, at, until, by, why, action, of_scope, of_name, failures)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict(scope, name, at) do update set until = excluded.until, by = excluded.by, why = excluded.why,
            action = excluded.action, of_scope = excluded.of_scope, of_name = excluded.of_name, failures = excluded.failures, ended = null
        """);

    static readonly Sql End = new("update esc.pause set ended = $1 where scope = $2 and name = $3 and ended is null");

    const string InSpan = " where at < $2 and (ended is null or ended >= $1)";

    const string InOrder = " order by at, action, scope, name";

    static readonly Sql OfSpans = new(Columns + InSpan + InOrder);

    static readonly Sql OfSpansAndJob = new(
        Columns + InSpan + " and (scope < 1 or (scope = 1 and name = $3) or scope > 1)" + InOrder);

    static readonly Sql AllOpen = new(Columns + " where ended is null order by at, action, scope, name");

    static readonly Sql OpenScopes = new(Columns + " where ended is null and scope >= 2 order by at, action, scope, name");

    /// <summary>Returns the pauses of tags and executors without a recorded end.</summary>
    public static Task<List<ScopedPause>> ScopesAsync(Session db) => db.QueryAsync(OpenScopes, Read);

    /// <summary>Returns the pauses of all scopes that last.</summary>
    public static async Task<List<ScopedPause>> OpenAsync(Session db, DateTimeOffset now) =>
        [.. (await db.QueryAsync(AllOpen, Read)).Where(pause => ScopedPauses.Seen(pause, now).Ended is null)];

    /// <summary>Returns the pauses that touch a span.</summary>
    /// <param name="db">The session.</param>
    /// <param name="span">The inclusive start and the exclusive end of the span in microseconds since 1970.</param>
    /// <param name="job">Only pauses of this job and of wider scopes, or null for all.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="checks">Collects values that no process writes.</param>
    public static async Task<List<ScopedPause>> OfSpanAsync(
        Session db, (long From, long To) span, string? job, DateTimeOffset now, RowChecks checks) =>
        [.. (await db.QueryAsync(job is null ? OfSpans : OfSpansAndJob, row => IsSound(row, checks) ? Read(row) : null,
            job is null ? [span.From, span.To] : [span.From, span.To, job])).OfType<ScopedPause>()
            .Select(pause => ScopedPauses.Seen(pause, now)).Where(pause => !(pause.Ended?.ToMicros() < span.From))];

    static bool IsSound(NpgsqlDataReader row, RowChecks checks) => PauseChecks.IsSound(
        new(row.Long(0), row.Text(1), row.Long(2), row.Maybe(3), row.Maybe(6), row.Maybe(9), row.Maybe(10)), checks);

    public static Task OpenAsync(Session db, PauseScope scope, string name, PauseRecord pause) =>
        db.RunAsync(AddOrChange, (long)scope, name, pause.At, pause.Until, pause.By, pause.Why, pause.Action, (long?)pause.Scope,
            pause.Name, (long?)pause.AfterFailures);

    public static Task CloseAsync(Session db, PauseScope scope, string name, DateTimeOffset at) =>
        db.RunAsync(End, at, (long)scope, name);

    static ScopedPause Read(NpgsqlDataReader row) => new()
    {
        Scope = (PauseScope)row.Long(0),
        Name = row.Text(1),
        Pause = JobRow.Pause(row, 2)!,
        Ended = row.MaybeAt(10),
    };
}
