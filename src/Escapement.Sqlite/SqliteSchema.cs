using System.Globalization;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The schema's versions, and the way from each to the next.</summary>
static class SqliteSchema
{
    /// <summary>"Escp": tells the store from any other SQLite file.</summary>
    public const long ApplicationId = 0x45736370;

    /// <summary>The version that this program writes.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>Each brings the schema from the version that is its place to the next one. Never changed once released.</summary>
    static readonly string[][] Migrations =
    [
        [
            // One row: what holds for the whole store. definitions counts every change of a job, so that a process knows when what it has parsed is old;
            // a fire time before trimmed that is not later than its job's last one counts as run.
            """
            create table state(
                one integer primary key check (one = 1), application text not null, definitions integer not null default 0, questions integer not null default 0,
                paused_at integer, paused_until integer, paused_by text, paused_why text, shut_down integer, paused_from integer, paused_to integer,
                trimmed integer, declared text)
            """,

            // A job's row is written when its definition or its marks change, never by a plain claim. next and last_fire hold while it has no row in due;
            // of a paused job next holds also then. Ended jobs stay: a fire time of an id is claimed once, ever.
            """
            create table job(
                number integer primary key, id text not null unique, definition text not null, executor text not null, version integer not null,
                stamp integer not null, next integer, last_fire integer,
                paused_at integer, paused_until integer, paused_by text, paused_why text, ended integer)
            """,
            "create index job_by_stamp on job(stamp)",
            """
            create table definition(
                job integer not null, valid_from integer not null, valid_to integer, definition text not null, primary key (job, valid_from)) without rowid
            """,

            // When a job is to be looked at: its next fire time, or the end of its pause. A table of its own, so that a claim touches the few pages at
            // the front and not a page per job.
            """
            create table due(
                executor text not null, at integer not null, job integer not null, last_fire integer, primary key (executor, at, job)) without rowid
            """,

            // Runs not yet claimed. One that waits for its own job's runs to end is blocked, and out of the index that claims read.
            """
            create table waiting(
                fire_time integer not null, job integer not null, number integer not null, executor text not null, due integer not null,
                attempt integer not null, args text, kwargs text, key text, watched integer not null default 0, blocked integer not null default 0,
                primary key (fire_time, job, number)) without rowid
            """,
            "create index waiting_by_due on waiting(executor, due, fire_time, job, number) where blocked = 0",
            "create index waiting_by_job on waiting(job, blocked, due)",
            "create unique index waiting_by_key on waiting(job, key) where key is not null",

            // Claimed runs that have no outcome yet; as many as there are places.
            """
            create table running(
                job integer not null, fire_time integer not null, number integer not null, epoch integer not null, attempt integer not null,
                args text, kwargs text, key text, watched integer not null default 0, primary key (job, fire_time, number)) without rowid
            """,
            "create unique index running_by_key on running(job, key) where key is not null",

            // The history. No index by job: one would cost a page per run; who asks why, asks by exact key.
            """
            create table run(
                fire_time integer not null, job integer not null, number integer not null, epoch integer, token integer, attempt integer not null,
                started_at integer, finished_at integer, outcome integer, reason integer, error text, primary key (fire_time, job, number)) without rowid
            """,
            """
            create table entry(
                last integer not null, job integer not null, first integer not null, reason integer not null, count integer not null,
                primary key (last, job, first, reason)) without rowid
            """,
            """
            create table epoch(
                number integer primary key, node text not null, pid integer not null, host text not null, started_at integer not null, life_lock text,
                begun integer not null, with_lock integer not null, beat integer not null, last_sign integer not null, ended integer, how integer,
                ended_by text, drain_until integer, questions integer not null default 0, token integer not null default 0)
            """,
            """
            create table node(
                id text primary key, pid integer not null, host text not null, started_at integer not null, life_lock text, declares text not null,
                drain_until integer) without rowid
            """,
        ],
    ];

    /// <summary>Checks what the file is. Before WAL is switched on, so that a file that is not ours stays as it is.</summary>
    /// <exception cref="StoreRefusedException">It is another program's database, or a newer version's store.</exception>
    public static void Check(SqliteSession db, string path)
    {
        var id = db.Pragma("pragma application_id");
        var version = db.Pragma("pragma user_version");
        var tables = db.Pragma("select count(*) from sqlite_master");
        if (id != ApplicationId && (id != 0 || version != 0 || tables != 0))
            throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"{path} is a SQLite database of another program (application_id {id}, user_version {version}, {tables} tables and indexes). A store is an Escapement store or a file that does not exist yet: give STORE another path."));
        if (version > Newest)
            throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"{path} has schema version {version}; this version of Escapement knows versions up to {Newest}. Update this program, or give it another store."));
    }

    /// <summary>Brings the schema to <see cref="Newest"/>; inside a write transaction.</summary>
    public static void Migrate(SqliteSession db)
    {
        for (var version = db.Pragma("pragma user_version"); version < Newest; version++)
            foreach (var statement in Migrations[version])
                db.Execute(statement);
        db.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {Newest}"));
        db.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}"));
    }
}
