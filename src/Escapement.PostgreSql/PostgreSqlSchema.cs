namespace Escapement.PostgreSql;

/// <summary>The versions of the schema, with the migration from each version to the next.</summary>
static class PostgreSqlSchema
{
    /// <summary>The version written by this program.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>The number of shares of jobs. A node claims its own shares first.</summary>
    public const int Shares = 16;

    /// <summary>The migrations: each entry migrates from the version equal to its index. A released migration never
    /// changes.</summary>
    public static string[] Migrations { get; } =
    [
        """
        -- A single row for the whole store. number grows with each change of the scheduler state, and stands in each living epoch
        -- too. stamp grows with each change of the epochs and of the pauses of tags and executors.
        create table esc.state(
            one bigint primary key check (one = 1), version bigint not null, application text not null, number bigint not null default 0,
            stamp bigint not null default 0, probes bigint not null default 0, shut_down bigint, paused_from bigint, paused_to bigint,
            paused_action bigint, declared text, complete_since bigint);

        create sequence esc.token;
        create sequence esc.enqueued;

        -- A job's row is written by edits and the marks of a claim, never by a plain claim.
        create table esc.job(
            number bigint generated always as identity primary key, id text not null unique, definition text not null,
            version bigint not null, marked_at bigint not null, trimmed bigint, ended bigint, failures bigint not null default 0);

        -- The executors with their priorities, so that the rows that are read at each claim hold no text.
        create table esc.queue(
            number bigint generated always as identity primary key, executor text not null, priority bigint not null,
            unique (executor, priority));

        -- What claims and ends of runs change of a job. at is the next due time: the next fire time, or the end of a pause. change
        -- grows with all that a claim's plan reads, and a plain end of a run changes running alone. stamp grows with each change of
        -- the job's definition or marks. entry_last and entry_change name the entry of the last change, which an adjoining entry
        -- extends. blocked counts the waiting runs that wait for a run of the job to end.
        create table esc.due(
            job bigint primary key, queue bigint not null, share bigint not null, at bigint, next bigint, last_fire bigint,
            running bigint not null default 0, blocked bigint not null default 0, change bigint not null, stamp bigint not null default 0,
            entry_last bigint, entry_change bigint)
            with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
                autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off);
        create index due_by_at on esc.due(queue, share, at, job) where at is not null;

        -- The fire times that each version of a definition accounts for.
        create table esc.definition(
            job bigint not null, version bigint not null, accounts_from bigint not null, accounts_to bigint, definition text not null,
            primary key (job, version));

        -- The author of each change, and how far the change moved the watermark.
        create table esc.action(
            number bigint generated always as identity primary key, at bigint not null, kind bigint not null, job bigint,
            change bigint not null, version bigint not null, moved_from bigint, moved_to bigint, by text, why text, until bigint,
            origin text, definition_before text, definition_after text, scope bigint, scope_name text);
        create index action_by_job on esc.action(job, number);

        -- Pauses of the scheduler (scope 0), a job (1), a tag (2) or an executor (3).
        create table esc.pause(
            scope bigint not null, name text not null, at bigint not null, until bigint, by text, why text, action bigint,
            of_scope bigint, of_name text, failures bigint, ended bigint, primary key (scope, name, at), check ((scope = 0) = (name = '')));
        create unique index pause_open on esc.pause(scope, name) where ended is null;

        -- Runs that are not yet claimed.
        create table esc.waiting(
            fire_time bigint not null, job bigint not null, number bigint not null, queue bigint not null, share bigint not null,
            due bigint not null, attempt bigint not null, args text, kwargs text, watched boolean not null default false,
            has_key boolean not null default false, blocked boolean not null default false, cause bigint not null default 0,
            primary key (fire_time, job, number))
            with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
                vacuum_truncate = off);
        create index waiting_by_due on esc.waiting(queue, share, due) where not blocked;
        create index waiting_by_job on esc.waiting(job, due);

        -- Claimed runs without an outcome. A run enters the history at its end, so that the history is written once.
        create table esc.running(
            job bigint not null, fire_time bigint not null, number bigint not null, epoch bigint not null, claim bigint not null,
            token bigint not null, attempt bigint not null, claimed_at bigint not null, grace_from bigint, args text, kwargs text,
            watched boolean not null default false, has_key boolean not null default false, cause bigint not null default 0,
            primary key (job, fire_time, number))
            with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
                vacuum_truncate = off);
        create index running_by_epoch on esc.running(epoch, claim);

        -- The key of an enqueued run. until is set when the run has ended and the key outlives the run.
        create table esc.key(
            job bigint not null, key text not null, fire_time bigint not null, number bigint not null, lasts bigint not null, until bigint,
            primary key (job, key));
        create index key_by_run on esc.key(fire_time, job, number);
        create index key_by_until on esc.key(until) where until is not null;

        -- The history, in partitions of a day of fire times. run_other has the runs outside of them.
        create table esc.run(
            fire_time bigint not null, job bigint not null, number bigint not null, epoch bigint, token bigint, attempt bigint not null,
            claimed_at bigint, started_at bigint, finished_at bigint not null, outcome bigint not null, reason bigint, error text,
            cause bigint not null default 0, history bigint, primary key (fire_time, job, number)) partition by range (fire_time);
        create index run_of_trouble on esc.run(fire_time, job, number) where outcome > 1;
        create index run_enqueued on esc.run(fire_time, job) where number > 0;
        create index run_made_up on esc.run(fire_time, job, number) where cause = 2;
        create index run_of_history on esc.run(job, history, fire_time, number) where history is not null;
        create table esc.run_other partition of esc.run default;

        -- Attempts that were followed by a retry, and the arguments of runs with their own arguments.
        create table esc.attempt(
            fire_time bigint not null, job bigint not null, number bigint not null, attempt bigint not null, epoch bigint not null,
            started_at bigint, finished_at bigint not null, outcome bigint not null, reason bigint, error text,
            primary key (fire_time, job, number, attempt));
        create table esc.run_args(
            fire_time bigint not null, job bigint not null, number bigint not null, args text not null, kwargs text not null,
            primary key (fire_time, job, number));

        -- Decisions of claims that started no run.
        create table esc.entry(
            last bigint not null, job bigint not null, first bigint not null, change bigint not null, reason bigint not null,
            cause bigint, primary key (last, job, first, change));

        -- state is the number of the scheduler state that the claims of the epoch must have read.
        create table esc.epoch(
            number bigint primary key, node text not null, pid bigint not null, host text not null, started_at bigint not null,
            life_lock text, begun bigint not null, with_lock boolean not null, lease bigint, beat bigint not null,
            last_sign bigint not null, ended bigint, how bigint, ended_by text, drain_until bigint, probes bigint not null default 0,
            claims bigint not null default 0, state bigint not null default 0)
            with (fillfactor = 20);
        create index epoch_living on esc.epoch(number) where ended is null;

        create table esc.node(
            id text primary key, pid bigint not null, host text not null, started_at bigint not null, life_lock text,
            declares text not null, handlers text not null);

        -- Clock jumps and store outages, which are not visible in the epochs.
        create table esc.mark(
            number bigint generated always as identity primary key, kind bigint not null, from_at bigint not null, to_at bigint not null,
            epoch bigint not null);
        """,
    ];
}
