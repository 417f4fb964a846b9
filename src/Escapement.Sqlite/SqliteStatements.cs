namespace Escapement.Sqlite;

/// <summary>A statement of the store. Each connection prepares the statement once, and finds the result by its
/// number.</summary>
sealed class Sql
{
    static int count;

    public Sql(string text)
    {
        Text = text;
        Number = Interlocked.Increment(ref count) - 1;
    }

    /// <summary>The number of statements so far.</summary>
    public static int Count => Volatile.Read(ref count);

    public string Text { get; }

    public int Number { get; }
}

/// <summary>All statements of the store.</summary>
static partial class SqliteStatements
{
    // Transactions.

    public static readonly Sql Begin = new("begin immediate");

    public static readonly Sql BeginRead = new("begin");

    public static readonly Sql Commit = new("commit");

    // The store's state.

    public static readonly Sql WriteApplication = new("insert into state(one, application) values (1, ?)");

    public static readonly Sql ReadState = new("""
        select definitions, writer, pause.at, pause.until, pause.by, pause.why, pause.action, pause.of_scope, pause.of_name, pause.failures, shut_down, paused_from, paused_to, paused_action, declared, complete_since,
            exists(select 1 from pause first where first.scope = 0 and first.name = '' and first.at = paused_from),
            exists(select 1 from pause last where last.scope = 0 and last.name = '' and last.ended = paused_to)
        from state left join pause on pause.scope = 0 and pause.name = '' and pause.ended is null
        """);

    public static readonly Sql ReadApplication = new("select application from state");

    public static readonly Sql WriteState = new(
        "update state set shut_down = ?, paused_from = ?, paused_to = ?, paused_action = ?, declared = ?");

    public static readonly Sql CountProbe = new("update state set probes = probes + 1");

    // No "returning" here: SQLite creates a table for the result, which takes longer than a second statement.
    public static readonly Sql CountDefinition = new("update state set definitions = definitions + 1");

    public static readonly Sql DefinitionCount = new("select definitions from state");

    public static readonly Sql CountEnqueued = new("update state set enqueued = enqueued + ?");

    public static readonly Sql EnqueuedCount = new("select enqueued from state");

    public static readonly Sql TakeCounts = new("update state set writer = ?");

    // Jobs.

    const string JobColumns = """
        select job.number, job.id, job.definition, job.version, job.stamp, job.marked_at, job.next, job.last_fire, job.change, job.trimmed, job.ended,
            pause.at, pause.until, pause.by, pause.why, pause.action, pause.of_scope, pause.of_name,
            pause.failures, job.failures,
            (select max(accounts_from) from definition where definition.job = job.number and accounts_to is null)
        from job left join pause on pause.scope = 1 and pause.name = job.id and pause.ended is null
        """;

    public static readonly Sql JobById = new(JobColumns + " where job.id = ?");

    public static readonly Sql JobByNumber = new(JobColumns + " where job.number = ?");

    public static readonly Sql AllJobs = new(JobColumns + " where job.ended is null or ? order by job.number");

    public static readonly Sql JobNumber = new("select number from job where id = ?");

    public static readonly Sql JobNumbersChangedAfter = new("select number from job where stamp > ?");

    public static readonly Sql AddJob = new("""
        insert into job(id, definition, version, stamp, marked_at, next, last_fire, change, ended) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """);

    // The definition is written only if it changed: a program version that cannot parse the whole text preserves the
    // text.
    public static readonly Sql ChangeDefinition = new("update job set definition = ? where number = ?");

    public static readonly Sql ChangeJob = new(
        "update job set version = ?, stamp = ?, marked_at = ?, next = ?, last_fire = ?, change = ?, ended = ? where number = ?");

    public static readonly Sql FailuresOf = new("select failures from job where number = ?");

    public static readonly Sql CountFailures = new("update job set failures = ? where number = ?");

    public static readonly Sql DeleteJob = new("delete from job where number = ?");

    public static readonly Sql DeleteActionsOfJob = new("delete from action where job = ?");

    public static readonly Sql OpenDefinition = new(
        "insert into definition(job, version, accounts_from, definition) values (?, ?, ?, ?) on conflict do nothing");

    // each fire time is accounted for by a single definition
    public static readonly Sql DropDefinitions = new("delete from definition where job = ?1 and accounts_from >= ?2");

    public static readonly Sql CloseDefinitions = new(
        "update definition set accounts_to = ?2 where job = ?1 and (accounts_to is null or accounts_to > ?2)");

    // What is due.

    // the priorities of an executor's due jobs, with a seek for each
    public static readonly Sql NextPriorityOfDue = new("select min(priority) from due where executor = ? and priority > ?");

    // oldest first, and the caller stops reading at the first row in the future
    public static readonly Sql DueOf = new(
        "select at, job, last_fire, change, entry_last from due where executor = ? and priority = ? order by at, job");

    public static readonly Sql DueAt = new(
        "select last_fire, change, entry_last from due where executor = ? and priority = ? and at = ? and job = ?");

    // by job, independent of its definition. Scans the index, and is used only if the place is not cached
    public static readonly Sql DueOfJob = new("select executor, priority, at, last_fire, change, entry_last from due where job = ?");

    public static readonly Sql AllDue = new("select executor, priority, at, last_fire, change, entry_last, job from due");

    // the last fire time that ran, the last fire time of an entry, and the change counter, each from another layer. Read only
    // for a job whose row in due was changed by hand
    public static readonly Sql DecidedOfJobs = new("""
        select job, max(fire_time), null, null from run where number = 0 and (?1 is null or job = ?1) group by job
        union all select job, max(fire_time), null, null from running where number = 0 and (?1 is null or job = ?1) group by job
        union all select job, null, max(last), max(change) from entry where ?1 is null or job = ?1 group by job
        union all select job, null, null, max(change) from action where job is not null and (?1 is null or job = ?1) group by job
        """);

    // replaces a second row of the job, which only a manual edit can have written
    public static readonly Sql AddDue = new(
        "insert or replace into due(executor, priority, at, job, last_fire, change, entry_last) values (?, ?, ?, ?, ?, ?, ?)");

    public static readonly Sql DeleteDue = new("delete from due where executor = ? and priority = ? and at = ? and job = ?");

    // Waiting runs.

    const string WaitingColumns = "fire_time, job, number, due, attempt, args, kwargs, watched, has_key, cause";

    public static readonly Sql NextPriorityOfWaiting = new(
        "select min(priority) from waiting where blocked = 0 and executor = ? and priority > ?");

    public static readonly Sql WaitingOf = new(
        "select " + WaitingColumns
            + " from waiting where blocked = 0 and executor = ? and priority = ? order by due, fire_time, job, number");

    public static readonly Sql WaitingOfJob = new("select " + WaitingColumns + " from waiting where job = ? order by fire_time, number");

    public static readonly Sql AddWaiting = new("""
        insert into waiting(fire_time, job, number, executor, priority, due, attempt, args, kwargs, watched, has_key, cause)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing
        """);

    public static readonly Sql DeleteWaiting = new("delete from waiting where fire_time = ? and job = ? and number = ?");

    public static readonly Sql Block = new(
        "update waiting set blocked = 1, due = fire_time where fire_time = ? and job = ? and number = ?");

    public static readonly Sql CountBlocked = new("select count(*) from waiting where job = ? and blocked = 1");

    // Read and then changed by key: a single statement would build a table in memory for each outcome, nearly always
    // for no row.
    public static readonly Sql BlockedOfJob = new(
        "select fire_time, number from waiting where job = ? and blocked = 1 order by due, fire_time, number limit ?");

    public static readonly Sql Unblock = new("update waiting set blocked = 0 where fire_time = ? and job = ? and number = ?");

    public static readonly Sql MoveWaiting = new("update waiting set executor = ?, priority = ?, blocked = 0 where job = ?");

    public static readonly Sql WatchWaiting = new("update waiting set watched = 1 where fire_time = ? and job = ? and number = ?");

    public static readonly Sql WatchRunning = new("update running set watched = 1 where fire_time = ? and job = ? and number = ?");

    public static readonly Sql RunOfKey = new("select fire_time, number, until from key where job = ? and key = ?");

    public static readonly Sql AddKey = new("insert or replace into key(job, key, fire_time, number, lasts) values (?, ?, ?, ?, ?)");

    public static readonly Sql KeyOfRun = new("select key, lasts from key where fire_time = ? and job = ? and number = ?");

    public static readonly Sql KeepKey = new("update key set until = ? where job = ? and key = ?");

    public static readonly Sql DeleteKey = new("delete from key where job = ? and key = ?");

    // Claimed runs.

    public static readonly Sql AddRunning = new("""
        insert into running(job, fire_time, number, epoch, claim, token, attempt, claimed_at, grace_from, args, kwargs, watched, has_key, cause)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing
        """);

    public static readonly Sql CountRunning = new("select count(*) from running where job = ?");

    public static readonly Sql CountAllRunning = new("select job, count(*) from running group by job");

    const string RunningColumns = """
        running.job, running.fire_time, running.number, running.epoch, running.claim, running.token, running.attempt, running.claimed_at, running.grace_from,
            running.args, running.kwargs, running.watched, running.has_key, running.cause
        """;

    // The condition of RunEnds.Takes. The node is checked once for each batch.
    public static readonly Sql OwnRunning = new(
        "select " + RunningColumns + " from running where job = ? and fire_time = ? and number = ? and epoch = ? and attempt = ?");

    public static readonly Sql DeleteRunning = new("delete from running where job = ? and fire_time = ? and number = ?");

    public static readonly Sql AllRunning = new("select " + RunningColumns + " from running order by job, fire_time, number");

    public static readonly Sql RunningSince = new(
        "select " + RunningColumns + " from running where epoch = ? and claim >= ? and claim < ? order by claim, fire_time, job, number");

    // a missed run never began, and may be caught up
    public static readonly Sql AddRun = new("""
        insert into run(fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome, reason, error, cause, history)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict do update set epoch = excluded.epoch, token = excluded.token, attempt = excluded.attempt, claimed_at = excluded.claimed_at,
            started_at = excluded.started_at, finished_at = excluded.finished_at, outcome = excluded.outcome, reason = excluded.reason, error = excluded.error,
            cause = excluded.cause, history = excluded.history
        where outcome = 6
        """);

    public static readonly Sql DeleteMissed = new("delete from run where fire_time = ? and job = ? and number = ? and outcome = 6");

    public static readonly Sql AddAttempt = new("""
        insert or replace into attempt(fire_time, job, number, attempt, epoch, started_at, finished_at, outcome, reason, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """);

    public static readonly Sql AddArguments = new(
        "insert or replace into run_args(fire_time, job, number, args, kwargs) values (?, ?, ?, ?, ?)");

    // whether a fire time of the trigger was claimed, or waits behind another run
    public static readonly Sql Ran = new("""
        select exists(select 1 from run where fire_time = ?1 and job = ?2 and number = 0 and outcome <> 6)
            or exists(select 1 from running where job = ?2 and fire_time = ?1 and number = 0)
            or exists(select 1 from waiting where fire_time = ?1 and job = ?2 and number = 0)
        """);

    // The ledger.

    public static readonly Sql AddEntry = new(
        "insert into entry(last, job, first, change, reason, cause) values (?, ?, ?, ?, ?, ?) on conflict do nothing");

    public static readonly Sql DeleteEntriesOfFireTime = new("delete from entry where last = ? and job = ? and first = ?");

    public static readonly Sql DeleteEntry = new("delete from entry where last = ? and job = ? and first = ? and change = ?");

    public static readonly Sql EntryOf = new(
        "select first, last, change, reason, cause from entry where last = ? and job = ? and change = ? order by first desc limit 1");

    public static readonly Sql Entries = new("""
        select entry.job, first, last, change, reason, cause from entry where last >= ?1 and first < ?2 and (?3 is null or entry.job = ?3) order by change, first, entry.job
        """);

    public static readonly Sql Definitions = new("""
        select job, version, accounts_from, accounts_to, definition from definition
        where (?1 is null or job = ?1) and accounts_from < ?3 and (accounts_to is null or accounts_to >= ?2) order by job, version
        """);

    public static readonly Sql Marks = new(
        "select kind, from_at, to_at, epoch, number from mark where from_at < ?2 and to_at >= ?1 order by number");

    public static readonly Sql ClockJumps = new("select from_at, to_at, epoch from mark where kind = 1");

    public static readonly Sql AddMark = new("insert into mark(kind, from_at, to_at, epoch) values (?, ?, ?, ?)");

    const string RunColumns = """
        select run.fire_time, run.job, run.number, run.attempt, run.claimed_at, run.started_at, run.finished_at, run.outcome, run.reason, run.error,
            epoch.node, run.epoch, run.token, run.cause
        from run left join epoch on epoch.number = run.epoch
        """;

    // ?1 since, ?2 to ?4 the exclusive upper key, ?5 job or null
    public static readonly Sql Runs = new(RunColumns + """
         where run.fire_time >= ?1 and (run.fire_time, run.job, run.number) < (?2, ?3, ?4)
        order by run.fire_time desc, run.job desc, run.number desc
        """);

    // the same for queries that include only trouble
    public static readonly Sql RunsInTrouble = new(RunColumns + """
         where run.outcome > 1 and run.fire_time >= ?1 and (run.fire_time, run.job, run.number) < (?2, ?3, ?4)
        order by run.fire_time desc, run.job desc, run.number desc
        """);

    // as above, of a single job
    public static readonly Sql RunsInTroubleOfJob = new(RunColumns + """
         where run.outcome > 1 and run.fire_time >= ?1 and run.fire_time < ?2 and run.job = ?3
        order by run.fire_time desc, run.number desc
        """);

    // the runs of fire times in a span, of a job or of all jobs
    public static readonly Sql RunsOfSpan = new(RunColumns + """
         where run.fire_time >= ?1 and run.fire_time < ?2 and run.number = 0 and (?3 is null or run.job = ?3)
        order by run.fire_time, run.job limit ?4
        """);

    public static readonly Sql OutcomeOf = new("select outcome, cause from run where fire_time = ? and job = ? and number = 0");

    // with enqueued runs, because a comparison of the number takes a fifth longer
    public static readonly Sql CountRuns = new("select count(*) from run where fire_time >= ?1 and fire_time < ?2 and job = ?3");

    // of a span that no later run follows, because a comparison with the end takes a third longer
    public static readonly Sql CountRunsSince = new("select count(*) from run where fire_time >= ?1 and job = ?2");

    public static readonly Sql RunSince = new("select 1 from run where fire_time >= ? limit 1");

    public static readonly Sql CountEnqueuedRuns = new("""
        select count(*) from run indexed by run_enqueued where number > 0 and fire_time >= ?1 and fire_time < ?2 and job = ?3
        """);

    // the missed runs, and all runs that did not succeed
    public static readonly Sql CountTrouble = new("""
        select coalesce(sum(outcome = 6), 0), count(*) from run indexed by run_of_trouble
        where outcome > 1 and fire_time >= ?1 and fire_time < ?2 and job = ?3 and number = 0
        """);

    // the runs that began and make up for a missed fire time
    public static readonly Sql CountMadeUp = new("""
        select count(*) from run indexed by run_made_up
        where cause = 2 and outcome <> 6 and fire_time >= ?1 and fire_time < ?2 and job = ?3 and number = 0
        """);

    public static readonly Sql OutcomesOfSpan = new(
        "select fire_time, job, outcome, cause, epoch, claimed_at from run where fire_time >= ?1 and fire_time < ?2 and number = 0 order by fire_time");

    // The claims that contradict their epochs, and the numbers of outcomes and causes that no process writes. Reads the rows of
    // all jobs, so that the limit bounds the rows that are read.
    public static readonly Sql ClaimsOutsideEpochs = new("""
        select read.fire_time from
            (select fire_time, job, number, epoch, claimed_at, outcome, cause from run where fire_time >= ?1 and fire_time < ?2 order by fire_time limit ?3) read
            left join epoch on epoch.number = read.epoch
        where read.job = ?4 and read.number = 0
            and ((read.epoch is not null and read.claimed_at is not null
                    and (epoch.number is null or read.claimed_at < epoch.begun or read.claimed_at > epoch.ended))
                or read.outcome not between 1 and 6 or read.cause not between 0 and 2)
        limit ?5
        """);

    public static readonly Sql CountRowsOfSpan = new(
        "select count(*) from (select 1 from run where fire_time >= ?1 and fire_time < ?2 limit ?3)");

    public static readonly Sql RunById = new(RunColumns + " where run.fire_time = ? and run.job = ? and run.number = ?");

    public static readonly Sql RunningById = new(
        "select " + RunningColumns + " from running where job = ? and fire_time = ? and number = ?");

    public static readonly Sql WaitingById = new(
        "select " + WaitingColumns + " from waiting where fire_time = ? and job = ? and number = ?");

    public static readonly Sql AllWaiting = new("select " + WaitingColumns + " from waiting order by fire_time, job, number");

    public static readonly Sql ArgumentsOfRun = new("select args, kwargs from run_args where fire_time = ? and job = ? and number = ?");

    public static readonly Sql AttemptsOfRun = new("""
        select attempt, epoch.node, attempt.epoch, attempt.started_at, attempt.finished_at, attempt.outcome, attempt.reason, attempt.error
        from attempt left join epoch on epoch.number = attempt.epoch where attempt.fire_time = ? and attempt.job = ? and attempt.number = ? order by attempt
        """);

    // whether a missed run has the key of a fire time, and why the run was missed
    public static readonly Sql MissedRun = new("select reason from run where fire_time = ? and job = ? and number = 0 and outcome = 6");

    // A backfill raises the last claimed fire time: in due, or in the job's own row if the job is not due.
    public static readonly Sql RaiseLastOfDue = new("""
        update due set last_fire = ?1 where executor = ?2 and priority = ?3 and at = ?4 and job = ?5 and (last_fire is null or last_fire < ?1)
        """);

    public static readonly Sql RaiseLastOfJob = new(
        "update job set last_fire = ?1, stamp = ?2 where number = ?3 and (last_fire is null or last_fire < ?1)");
}
