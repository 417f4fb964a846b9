using Escapement.Rows;

namespace Escapement.Sqlite;

/// <summary>The statements of the retention, which delete from the old end, a bounded number of rows at a time.</summary>
static class TrimStatements
{
    public static readonly Sql OldRuns = new(
        "select fire_time, job, number from run where fire_time < ? order by fire_time, job, number limit ?");

    public static readonly Sql DeleteRunsTo = new("delete from run where (fire_time, job, number) <= (?, ?, ?)");

    public static readonly Sql DeleteKeysTo = new("delete from key where (fire_time, job, number) <= (?, ?, ?) and until = ?");

    public static readonly Sql DeleteAttempts = new("""
        delete from attempt where (fire_time, job, number) <= (?, ?, ?)
            and not exists (select 1 from waiting w where w.fire_time = attempt.fire_time and w.job = attempt.job and w.number = attempt.number)
            and not exists (select 1 from running r where r.job = attempt.job and r.fire_time = attempt.fire_time and r.number = attempt.number)
        """);

    public static readonly Sql DeleteArguments = new("delete from run_args where (fire_time, job, number) <= (?, ?, ?)");

    // Limited histories: the jobs with a seek for each, and the runs of a job by key.

    public static readonly Sql NextJobOfHistory = new("select min(job) from run where history is not null and job > ?");

    // the oldest run that is kept
    public static readonly Sql OldestKeptOfHistory = new("""
        select fire_time, number from run where job = ? and history = ? order by fire_time desc, number desc limit 1 offset ?
        """);

    public static readonly Sql OldOfHistory = new("""
        select fire_time, number from run where job = ?1 and history = ?2 and (fire_time, number) < (?3, ?4) order by fire_time, number limit ?5
        """);

    public static readonly Sql DeleteRun = new("delete from run where fire_time = ? and job = ? and number = ?");

    public static readonly Sql DeleteKeyOfRun = new("delete from key where fire_time = ? and job = ? and number = ? and until = ?");

    public static readonly Sql DeleteAttemptsOfRun = new("delete from attempt where fire_time = ? and job = ? and number = ?");

    public static readonly Sql DeleteArgumentsOfRun = new("delete from run_args where fire_time = ? and job = ? and number = ?");

    public static readonly Sql RememberTrim = new(
        "update job set trimmed = ?1, stamp = ?2 where number = ?3 and (trimmed is null or trimmed < ?1)");

    public static readonly Sql TrimEntries = new("""
        delete from entry where (last, job, first, change) in
            (select last, job, first, change from entry where last < ? order by last, job, first, change limit ?)
        """);

    public static readonly Sql TrimActions = new(
        "delete from action where number in (select number from action where at < ?1 and (moved_from is null or moved_from < ?1) and (moved_to is null or moved_to < ?1) order by number limit ?2)");

    public static readonly Sql TrimEpochs = new($"""
        delete from epoch where ended < ? and number < (select max(number) from epoch where {EpochChecks.IsNumber})
            and number not in (select epoch from running)
        """);

    public static readonly Sql TrimDefinitions = new("delete from definition where accounts_to < ?");

    // the definition of an exhausted job is open
    public static readonly Sql DeleteDefinitionsOfJob = new("delete from definition where job = ?");

    // the pause of a tag or an executor ends by itself, without a write
    public static readonly Sql TrimPauses = new("""
        delete from pause where (scope, name, at) in
            (select scope, name, at from pause where coalesce(ended, iif(scope >= 2, until, null)) < ? limit ?)
        """);

    public static readonly Sql TrimMarks = new("delete from mark where to_at < ?");

    public static readonly Sql TrimKeys = new("delete from key where (job, key) in (select job, key from key where until <= ? limit ?)");

    public static readonly Sql OldTombstones = new("""
        select number from job where ended is not null and marked_at < ?1 and (last_fire is null or last_fire < ?1)
            and not exists (select 1 from running where running.job = job.number) and not exists (select 1 from waiting where waiting.job = job.number)
            and not exists (select 1 from run where outcome > 1 and run.fire_time >= ?1 and run.job = job.number) limit ?2
        """);
}
