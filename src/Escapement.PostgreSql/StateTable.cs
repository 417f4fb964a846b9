using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The state of the whole store.</summary>
/// <param name="Number">Grows with each change of <paramref name="Scheduler"/>.</param>
/// <param name="Stamp">Grows with each change of the epochs and of the pauses of tags and executors.</param>
/// <param name="Scheduler">The state of the scheduler.</param>
readonly record struct StoreState(long Number, long Stamp, SchedulerState Scheduler);

/// <summary>The store's single row of state.</summary>
static class StateTable
{
    /// <summary>The state with the open pause of the scheduler, and the database's clock in column 17.</summary>
    public static readonly Sql Select = new("""
        select number, stamp, pause.at, pause.until, pause.by, pause.why, pause.action, pause.of_scope, pause.of_name, pause.failures,
            shut_down, paused_from, paused_to, paused_action, declared, complete_since, version,
        """ + Session.ClockMicros + """
         from esc.state left join esc.pause on pause.scope = 0 and pause.name = '' and pause.ended is null
        """);

    static readonly Sql Values = new("""
        select complete_since, paused_from, paused_to,
            exists(select from esc.pause where scope = 0 and name = '' and at = paused_from),
            exists(select from esc.pause where scope = 0 and name = '' and pause.ended = paused_to) from esc.state
        """);

    static readonly Sql LockShared = new("select number from esc.state for share");

    static readonly Sql LockAlone = new("select number from esc.state for no key update");

    static readonly Sql WriteState = new($"""
        update esc.state set number = {Sql.Next("number")}, shut_down = $1, paused_from = $2, paused_to = $3, paused_action = $4, declared = $5
        returning number
        """);

    static readonly Sql NumberEpochs = new("update esc.epoch set state = $1 where ended is null");

    static readonly Sql AddStamp = new($"update esc.state set stamp = {Sql.Next("stamp")}");

    static readonly Sql AddProbe = new($"update esc.state set probes = {Sql.Next("probes")}");

    static readonly Sql BeginRecordAt = new(
        "update esc.state set complete_since = $1 where complete_since is null or complete_since < $1");

    public static async Task<StoreState> ReadAsync(Session db)
    {
        var rows = await db.QueryAsync(Select, Read);
        return rows.Count > 0 ? rows[0] : throw Missing(db);
    }

    /// <summary>Reads the state of the scheduler without values that no process writes.</summary>
    public static async Task<SchedulerState> ReadAsync(Session db, RowChecks checks)
    {
        var state = (await ReadAsync(db)).Scheduler;
        var values = (await db.QueryAsync(Values, static row =>
            new StateValues(row.Maybe(0), row.Maybe(1), row.Maybe(2), row.Bool(3), row.Bool(4))))[0];
        return StateChecks.Checked(state, values, checks);
    }

    public static StoreUnavailableException Missing(Session db) => new(
        $"The store {db.Schema} is damaged: its table state has no row. Restore a backup, or restart one process of the application, which writes the row anew.");

    public static StoreState Read(NpgsqlDataReader row) => new(row.Long(0), row.Long(1),
        new StateRow
        {
            ShutDown = row.Maybe(10),
            PausedFrom = row.Maybe(11),
            PausedTo = row.Maybe(12),
            PausedAction = row.Maybe(13),
            Declared = row.MaybeText(14),
            CompleteSince = row.Maybe(15),
        }.ToState(JobRow.Pause(row, 2)));

    /// <summary>Locks the state against changes. Edits share the lock, so that no job can come into a tag or an executor while its
    /// pause is written.</summary>
    /// <param name="db">The session.</param>
    /// <param name="alone">True for a change of the state itself, of the pauses of tags and executors, or of the epochs.</param>
    public static Task LockAsync(Session db, bool alone) => db.ScalarAsync(alone ? LockAlone : LockShared);

    /// <summary>Writes the scheduler state, and opens or closes the scheduler's pause. The state and the living epochs are
    /// locked.</summary>
    public static async Task WriteAsync(Session db, EditedState edited, DateTimeOffset now)
    {
        var after = edited.After;
        if (edited.Action is { } action) after = edited.Numbered(await LedgerTable.AddAsync(db, action, null));
        if (edited.ClosesPause is not null) await PauseTable.CloseAsync(db, PauseScope.All, "", after.PausedBefore?.To ?? now);
        if (edited.OpensPause is not null) await PauseTable.OpenAsync(db, PauseScope.All, "", after.Paused!);
        var number = await db.ScalarAsync(WriteState, after.ShutDown, after.PausedBefore?.From, after.PausedBefore?.To,
            after.PausedBefore?.Action, after.Declared);

        // A claim compares the number in the row of its epoch, which it holds, so that no earlier plan is written.
        await db.RunAsync(NumberEpochs, number);
    }

    /// <summary>Makes the claims of all nodes read the epochs and the pauses of tags and executors again.</summary>
    public static Task StampAsync(Session db) => db.RunAsync(AddStamp);

    /// <summary>Proves that the store is writable.</summary>
    public static Task ProbeAsync(Session db) => db.RunAsync(AddProbe);

    /// <summary>Records that the retention deletes records before an instant.</summary>
    public static Task BeginRecordAsync(Session db, DateTimeOffset at) => db.RunAsync(BeginRecordAt, at);
}
