namespace Escapement.Sqlite;

// Rows of no job.
static partial class SqliteStatements
{
    // The first row of each missing job in each table: the job, the table, the column that names the row, its value, and an
    // instant. ?1 and ?2 the span, ?3 the limit of each history. An enqueued run may outlive its exhausted job.
    public static readonly Sql RowsWithoutJob = new("""
        select job, 'action', 'number', min(number), min(at) from action
            where job is not null and not exists (select 1 from job known where known.number = action.job) group by job
        union all select job, 'definition', 'version', min(version), min(accounts_from) from definition
            where accounts_from < ?2 and (accounts_to is null or accounts_to >= ?1)
                and not exists (select 1 from job known where known.number = definition.job) group by job
        union all select job, 'due', 'at', min(at), min(at) from due
            where not exists (select 1 from job known where known.number = due.job) group by job
        union all select job, 'running', 'fire_time', min(fire_time), min(fire_time) from running
            where not exists (select 1 from job known where known.number = running.job) group by job
        union all select job, 'waiting', 'fire_time', min(fire_time), min(fire_time) from waiting
            where not exists (select 1 from job known where known.number = waiting.job) group by job
        union all select job, 'entry', 'first', min(first), min(first) from
            (select job, first from entry where last >= ?1 and first < ?2 order by last limit ?3) read
            where not exists (select 1 from job known where known.number = read.job) group by job
        union all select job, 'run', 'fire_time', min(fire_time), min(fire_time) from
            (select fire_time, job, number from run where fire_time >= ?1 and fire_time < ?2 order by fire_time limit ?3) read
            where number = 0 and not exists (select 1 from job known where known.number = read.job) group by job
        """);
}
