using System.Globalization;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The versions of the schema, with the migration from each version to the next.</summary>
static class SqliteSchema
{
    /// <summary>"Escp", the application id that distinguishes a store from other SQLite files.</summary>
    public const long ApplicationId = 0x45736370;

    /// <summary>The version written by this program.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>The migrations: each entry migrates from the version equal to its index. A released migration never
    /// changes.</summary>
    static readonly string[][] Migrations =
    [
        [
            // A single row for the whole store. definitions counts the transactions that change jobs, so that a process can
            // detect a stale cache. writer is
            // the process with the current counts of running and blocked runs.
            """
            create table state(
                one integer primary key check (one = 1), application text not null, definitions integer not null default 0, writer integer not null default 0,
                probes integer not null default 0, enqueued integer not null default 0, shut_down integer, paused_from integer, paused_to integer, paused_action integer,
                declared text, complete_since integer, check (max(definitions, enqueued, probes) between 0 and 4611686018427387904)) strict
            """,

            // A job's row is written when its definition or marks change, never by a plain claim. next, last_fire
            // and change are valid while the
            // job has no row in due, and next is also valid for a paused job. failures counts the failed runs in a row of a
            // job that may pause itself, without a new stamp. An ended job remains as a tombstone until
            // the retention has deleted its
            // history.
            """
            create table job(
                number integer primary key autoincrement, id text not null unique, definition text not null, version integer not null, stamp integer not null,
                marked_at integer not null, next integer, last_fire integer, change integer not null, trimmed integer, ended integer,
                failures integer not null default 0) strict
            """,
            "create index job_by_stamp on job(stamp)",

            // The fire times that each version of a definition accounts for.
            """
            create table definition(
                job integer not null, version integer not null, accounts_from integer not null, accounts_to integer, definition text not null,
                primary key (job, version)) strict, without rowid
            """,

            // The author of each change, and how far the change moved the watermark.
            """
            create table action(
                number integer primary key, at integer not null, kind integer not null, job integer, change integer not null, version integer not null,
                moved_from integer, moved_to integer, by text, why text, until integer, origin text, definition_before text, definition_after text, scope integer, scope_name text) strict
            """,
            "create index action_by_job on action(job, number)",

            // Pauses of the scheduler (scope 0), a job (1), a tag (2) or an executor (3). At most one pause is open
            // per scope and name. A job that is paused with its tag or executor has a row of its own, with that scope in
            // of_scope and of_name. failures is set for a job that paused itself after failures in a row.
            """
            create table pause(
                scope integer not null, name text not null, at integer not null, until integer, by text, why text, action integer, of_scope integer, of_name text,
                failures integer, ended integer, primary key (scope, name, at), check ((scope = 0) = (name = ''))) strict, without rowid
            """,
            "create unique index pause_open on pause(scope, name) where ended is null",

            // The due time of each job: the next fire time, or the end of its pause. A separate table, so that a
            // claim touches the few pages at
            // the front instead of a page per job. entry_last refers to the entry of the job's last change, which an
            // adjoining entry extends.
            """
            create table due(
                executor text not null, priority integer not null, at integer not null, job integer not null, last_fire integer, change integer not null,
                entry_last integer, primary key (executor, priority, at, job)) strict, without rowid
            """,

            // Runs that are not yet claimed. A run that waits for another run of its job is blocked, and excluded
            // from the index for claims.
            """
            create table waiting(
                fire_time integer not null, job integer not null, number integer not null, executor text not null, priority integer not null, due integer not null,
                attempt integer not null, args text, kwargs text, watched integer not null default 0, has_key integer not null default 0, blocked integer not null default 0,
                cause integer not null default 0,
                primary key (fire_time, job, number)) strict, without rowid
            """,
            "create index waiting_by_due on waiting(executor, priority, due, fire_time, job, number) where blocked = 0",
            "create index waiting_by_job on waiting(job, blocked, due)",

            // Claimed runs without an outcome, at most as many as there are slots. A run enters the history at its
            // end.
            """
            create table running(
                job integer not null, fire_time integer not null, number integer not null, epoch integer not null, claim integer not null, token integer not null,
                attempt integer not null, claimed_at integer not null, grace_from integer, args text, kwargs text, watched integer not null default 0,
                has_key integer not null default 0, cause integer not null default 0, primary key (job, fire_time, number)) strict, without rowid
            """,

            // The key of an enqueued run. until is set when the run has ended and the key outlives the run.
            """
            create table key(
                job integer not null, key text not null, fire_time integer not null, number integer not null, lasts integer not null, until integer,
                primary key (job, key)) strict, without rowid
            """,
            "create index key_by_run on key(fire_time, job, number)",
            "create index key_by_until on key(until) where until is not null",

            // The history. An index by job would cost a page per run, and a question about a run has its exact key.
            // Runs with trouble are rare,
            // and have an index.
            """
            create table run(
                fire_time integer not null, job integer not null, number integer not null, epoch integer, token integer, attempt integer not null, claimed_at integer,
                started_at integer, finished_at integer not null, outcome integer not null, reason integer, error text, cause integer not null default 0,
                history integer, primary key (fire_time, job, number)) strict, without rowid
            """,
            "create index run_of_trouble on run(fire_time, job, number) where outcome > 1",

            // The enqueued runs. The runs of fire times are the rest, and are counted without reading the number of each.
            "create index run_enqueued on run(fire_time, job) where number > 0",

            // The runs that a backfill made up for.
            "create index run_made_up on run(fire_time, job, number) where cause = 2",

            // The runs of jobs with a limited history, by the limit (HistoryLimit). Other jobs pay nothing.
            "create index run_of_history on run(job, history, fire_time, number) where history is not null",

            // Attempts that were followed by a retry, and the arguments of runs with their own arguments. Most runs
            // have no rows here.
            """
            create table attempt(
                fire_time integer not null, job integer not null, number integer not null, attempt integer not null, epoch integer not null, started_at integer,
                finished_at integer not null, outcome integer not null, reason integer, error text, primary key (fire_time, job, number, attempt)) strict, without rowid
            """,
            """
            create table run_args(
                fire_time integer not null, job integer not null, number integer not null, args text not null, kwargs text not null,
                primary key (fire_time, job, number)) strict, without rowid
            """,

            // Decisions of claims that started no run. change orders the entries and actions of a job.
            """
            create table entry(
                last integer not null, job integer not null, first integer not null, change integer not null, reason integer not null, cause integer,
                primary key (last, job, first, change)) strict, without rowid
            """,
            """
            create table epoch(
                number integer primary key, node text not null, pid integer not null, host text not null, started_at integer not null, life_lock text,
                begun integer not null, with_lock integer not null, lease integer, beat integer not null, last_sign integer not null, ended integer, how integer,
                ended_by text, drain_until integer, probes integer not null default 0, claims integer not null default 0, token integer not null default 0) strict
            """,
            """
            create table node(
                id text primary key, pid integer not null, host text not null, started_at integer not null, life_lock text, declares text not null,
                handlers text not null, drain_until integer) strict, without rowid
            """,

            // Clock jumps and store outages, which are not visible in the epochs.
            """
            create table mark(
                number integer primary key, kind integer not null, from_at integer not null, to_at integer not null, epoch integer not null) strict
            """,
        ],
    ];

    /// <summary>Checks the file. Runs before WAL is switched on, so that a foreign file stays unchanged.</summary>
    /// <exception cref="StoreRefusedException">The file is the database of another program, or the store of a newer
    /// version.</exception>
    public static void Check(SqliteSession db, string path)
    {
        var id = db.Pragma("pragma application_id");
        var version = db.Pragma("pragma user_version");
        var tables = db.Pragma("select count(*) from sqlite_master");
        if (id != ApplicationId && (id != 0 || version != 0 || tables != 0))
        {
            throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"{path} is a SQLite database of another program (application_id {id}, user_version {version}, {tables} tables and indexes). A store is an existing Escapement store or a new file. Set STORE to another path."));
        }

        if (version > Newest)
        {
            throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"{path} has schema version {version}, but this version of Escapement supports versions up to {Newest}. Update this program, or set STORE to another path."));
        }
    }

    /// <summary>Checks a file that must be a store already, with the schema of this version.</summary>
    /// <exception cref="StoreRefusedException">The file is not a store, or the store of another version.</exception>
    public static void CheckExisting(SqliteSession db, string path)
    {
        Check(db, path);
        if (db.Pragma("pragma application_id") != ApplicationId) throw new StoreRefusedException($"{path} is an empty file, not a store.");
        if (db.Pragma("pragma user_version") is var version && version < Newest)
        {
            throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"{path} has schema version {version}, and this version of Escapement reads version {Newest}. Start the application with this version once, which updates the store."));
        }
    }

    /// <summary>Migrates the schema to <see cref="Newest"/>, inside a write transaction.</summary>
    public static void Migrate(SqliteSession db)
    {
        for (var version = db.Pragma("pragma user_version"); version < Newest; version++)
        {
            foreach (var statement in Migrations[version])
                db.Execute(statement);
        }

        db.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {Newest}"));
        db.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}"));
    }
}
