namespace Escapement.Sqlite;

/// <summary>Every statement of the store.</summary>
static class SqliteStatements
{
    // The store's state.

    public const string WriteApplication = "insert into state(one, application) values (1, ?)";

    public const string ReadState = "select definitions, paused_at, paused_until, paused_by, paused_why, shut_down, paused_from, paused_to, trimmed, declared from state";

    public const string ReadApplication = "select application from state";

    public const string WriteState = """
        update state set paused_at = ?, paused_until = ?, paused_by = ?, paused_why = ?, shut_down = ?, paused_from = ?, paused_to = ?, declared = ?
        """;

    public const string RememberTrim = "update state set trimmed = ?1 where trimmed is null or trimmed < ?1";

    public const string CountQuestion = "update state set questions = questions + 1";

    public const string CountDefinition = "update state set definitions = definitions + 1 returning definitions";

    // Jobs.

    const string JobColumns = "number, id, definition, version, stamp, next, last_fire, paused_at, paused_until, paused_by, paused_why, ended";

    public const string JobById = "select " + JobColumns + " from job where id = ?";

    public const string JobByNumber = "select " + JobColumns + " from job where number = ?";

    public const string AllJobs = "select " + JobColumns + " from job where ended is null or ? order by number";

    public const string JobNumbersChangedAfter = "select number from job where stamp > ?";

    public const string AddJob = """
        insert into job(id, definition, executor, version, stamp, next, last_fire, paused_at, paused_until, paused_by, paused_why, ended)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number
        """;

    public const string ChangeJob = """
        update job set definition = ?, executor = ?, version = ?, stamp = ?, next = ?, last_fire = ?,
            paused_at = ?, paused_until = ?, paused_by = ?, paused_why = ?, ended = ? where number = ?
        """;

    // A job without a change in between may be defined twice in one microsecond; the last one holds.
    public const string OpenDefinition = "insert or replace into definition(job, valid_from, definition) values (?, ?, ?)";

    public const string CloseDefinition = "update definition set valid_to = ? where job = ? and valid_to is null";

    // What is due.

    // the oldest first; the caller stops reading at what is not due
    public const string DueOf = "select at, job, last_fire from due where executor = ? order by at, job";

    // of one job: reads the executor's part, which is small beside an index that every claim would have to write
    public const string DueOfJob = "select at, last_fire from due where executor = ? and job = ?";

    public const string AllDue = "select executor, at, job, last_fire from due";

    public const string AddDue = "insert into due(executor, at, job, last_fire) values (?, ?, ?, ?)";

    public const string DeleteDue = "delete from due where executor = ? and at = ? and job = ?";

    // Waiting runs.

    const string WaitingColumns = "fire_time, job, number, due, attempt, args, kwargs, key, watched";

    public const string WaitingOf = "select " + WaitingColumns + " from waiting where executor = ? and blocked = 0 order by due, fire_time, job, number";

    public const string WaitingOfJob = "select " + WaitingColumns + " from waiting where job = ? order by fire_time, number";

    public const string AddWaiting = """
        insert into waiting(fire_time, job, number, executor, due, attempt, args, kwargs, key, watched, blocked)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing
        """;

    public const string DeleteWaiting = "delete from waiting where fire_time = ? and job = ? and number = ?";

    public const string Block = "update waiting set blocked = 1, due = fire_time where fire_time = ? and job = ? and number = ?";

    // Read and then changed by key: to change them in one statement SQLite would build a table in memory, at each outcome, for what is nearly always no row.
    public const string BlockedOfJob = "select fire_time, number from waiting where job = ? and blocked = 1 order by due, fire_time, number limit ?";

    public const string Unblock = "update waiting set blocked = 0 where fire_time = ? and job = ? and number = ?";

    public const string MoveWaiting = "update waiting set executor = ?1 where job = ?2 and executor <> ?1";

    public const string WatchWaiting = "update waiting set watched = 1 where fire_time = ? and job = ? and number = ?";

    public const string WatchRunning = "update running set watched = 1 where fire_time = ? and job = ? and number = ?";

    public const string WaitingById = "select attempt, job.id from waiting join job on job.number = waiting.job where fire_time = ? and job = ? and waiting.number = ?";

    public const string LastNumber = """
        select max(coalesce((select max(number) from waiting where fire_time = ?1 and job = ?2), 0),
                   coalesce((select max(number) from run where fire_time = ?1 and job = ?2), 0))
        """;

    public const string RunOfKey = """
        select fire_time, number from waiting where job = ?1 and key = ?2 union all select fire_time, number from running where job = ?1 and key = ?2
        """;

    // Claimed runs.

    public const string AddRun = "insert into run(fire_time, job, number, epoch, token, attempt) values (?, ?, ?, ?, ?, ?) on conflict do nothing";

    public const string AddRunning = """
        insert into running(job, fire_time, number, epoch, attempt, args, kwargs, key, watched) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;

    public const string CountRunning = "select count(*) from running where job = ?";

    public const string CountAllRunning = "select job, count(*) from running group by job";

    public const string RunningById = """
        select epoch.node, running.epoch, attempt, args, kwargs, key, watched from running left join epoch on epoch.number = running.epoch
        where job = ? and fire_time = ? and running.number = ?
        """;

    public const string DeleteRunning = "delete from running where job = ? and fire_time = ? and number = ?";

    // runs whose epoch did not end by itself (1 left, 4 shut down) and is not the current one
    public const string RunningOfOvertaken = """
        select job, fire_time, running.number, attempt, args, kwargs, key, watched from running left join epoch on epoch.number = running.epoch
        where running.epoch <> ? and (epoch.how is null or epoch.how not in (1, 4))
        """;

    public const string RunningOfNode = """
        select job, fire_time, running.number, attempt, args, kwargs, key, watched from running join epoch on epoch.number = running.epoch
        where epoch.node = ? and running.epoch <> ?
        """;

    public const string EndRun = """
        update run set started_at = ?, finished_at = ?, outcome = ?, reason = ?, error = ?, attempt = attempt - ? where fire_time = ? and job = ? and number = ?
        """;

    // a waiting run that will never be claimed
    public const string AddMissedRun = """
        insert into run(fire_time, job, number, attempt, finished_at, outcome, reason) values (?, ?, ?, ?, ?, 6, ?) on conflict do nothing
        """;

    public const string DeleteRun = "delete from run where fire_time = ? and job = ? and number = ?";

    // whether a fire time of the trigger was claimed, or waits behind another
    public const string Ran = """
        select exists(select 1 from run where fire_time = ?1 and job = ?2 and number = 0)
            or exists(select 1 from waiting where fire_time = ?1 and job = ?2 and number = 0)
        """;

    // The ledger.

    public const string AddEntry = "insert into entry(last, job, first, reason, count) values (?, ?, ?, ?, ?) on conflict do nothing";

    public const string DeleteEntry = "delete from entry where last = ? and job = ? and first = ? and reason = ?";

    public const string EntriesOfJobFrom = "select first, last, count, reason from entry where last >= ? and job = ?";

    public const string EntriesSince = """
        select job.id, first, last, count, reason from entry join job on job.number = entry.job
        where last >= ?1 and (?2 is null or entry.job = ?2) order by first, entry.job, last
        """;

    const string RunColumns = """
        run.fire_time, run.job, run.number, job.id, run.attempt, run.started_at, run.finished_at, run.outcome, run.reason, run.error, epoch.node, run.epoch, run.token
        from run join job on job.number = run.job left join epoch on epoch.number = run.epoch
        """;

    // ?1 job, ?2 since, ?3 to ?5 the key that all come before, ?6 limit
    public const string Runs = "select " + RunColumns + """
         where (?1 is null or run.job = ?1) and run.fire_time >= ?2 and (run.fire_time, run.job, run.number) < (?3, ?4, ?5)
        order by run.fire_time desc, run.job desc, run.number desc limit ?6
        """;

    public const string RunById = "select " + RunColumns + " where run.fire_time = ? and run.job = ? and run.number = ?";

    // Epochs and nodes.

    const string EpochColumns = """
        number, node, pid, host, started_at, life_lock, begun, with_lock, beat, last_sign, ended, how, ended_by, drain_until, questions, token from epoch
        """;

    public const string NewestEpoch = "select " + EpochColumns + " order by number desc limit 1";

    public const string EpochsSince = "select " + EpochColumns + " where ended is null or ended >= ? order by number";

    public const string EpochBefore = "select " + EpochColumns + " where number < ? order by number desc limit 1";

    public const string Token = "select token from epoch order by number desc limit 1";

    public const string AddEpoch = """
        insert into epoch(number, node, pid, host, started_at, life_lock, begun, with_lock, beat, last_sign, token) values (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
        """;

    public const string EndEpoch = "update epoch set ended = last_sign, how = ?, ended_by = ? where number = ? and ended is null";

    public const string LeaveEpoch = "update epoch set ended = ?1, last_sign = ?1, beat = beat + 1, how = ?2, drain_until = ?3 where number = ?4";

    public const string Beat = "update epoch set beat = beat + 1, last_sign = ?, questions = 0, token = token + ? where number = ?";

    public const string Question = "update epoch set questions = questions + 1 where number = ?";

    public const string EnterNode = """
        insert into node(id, pid, host, started_at, life_lock, declares) values (?, ?, ?, ?, ?, ?)
        on conflict(id) do update set pid = excluded.pid, host = excluded.host, started_at = excluded.started_at, life_lock = excluded.life_lock,
            declares = excluded.declares
        """;

    public const string Drains = "update node set drain_until = ? where id = ?";

    public const string ForgetNode = "delete from node where id = ?";

    public const string Nodes = """
        select id, pid, host, started_at, life_lock, declares, drain_until,
            (select count(*) from running join epoch on epoch.number = running.epoch where epoch.node = node.id)
        from node order by started_at, id
        """;

    // Retention: deletes at one end, a bounded number at a time.

    public const string TrimRuns = """
        delete from run where (fire_time, job, number) in
            (select fire_time, job, number from run where fire_time < ? and outcome is not null order by fire_time, job, number limit ?)
        """;

    public const string TrimEntries = """
        delete from entry where (last, job, first, reason) in
            (select last, job, first, reason from entry where last < ? order by last, job, first, reason limit ?)
        """;

    public const string TrimEpochs = """
        delete from epoch where ended < ? and number < (select max(number) from epoch) and number not in (select epoch from running)
        """;

    public const string TrimDefinitions = "delete from definition where valid_to < ?";
}
