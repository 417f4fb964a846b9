using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Reads pages of runs, and counts runs for the readers of the ledger.</summary>
static class RunReading
{
    const int FirstRows = 500;

    const string Order = " order by run.fire_time desc, run.job desc, run.number desc limit $5";

    const string Page = """
         run.fire_time >= $1 and (run.fire_time, run.job, run.number) < ($2, $3, $4)
        """ + Order;

    static readonly Sql Newest = new(RunTable.EndedColumns + " where" + Page);

    // The planner takes two limits of the fire time for a short span, and would read the runs of all jobs in the span. With a single
    // limit that it can see, the index by job is the cheaper way.
    internal static readonly Sql NewestOfJob = new(RunTable.EndedColumns + """
         where run.job = $6 and run.fire_time <= $2 and run.fire_time + 0 >= $1 and (run.fire_time + 0, run.job, run.number) < ($2, $3, $4)
        """ + Order);

    // The limit that the planner sees leaves out the days before.
    internal static readonly Sql NewestOfJobSince = new(RunTable.EndedColumns + """
         where run.job = $6 and run.fire_time >= $1 and (run.fire_time + 0, run.job, run.number) < ($2, $3, $4)
        """ + Order);

    static readonly Sql NewestInTrouble = new(RunTable.EndedColumns + " where run.outcome > 1 and" + Page);

    // A statement for spans of jobs beside the statement for spans of all jobs: a condition that allows both is no condition of an
    // index.
    static readonly Sql OfSpans = new(Spans("and (s.job = 0 or run.job = s.job)"));

    static readonly Sql OfSpansOfJobs = new(Spans("and run.job = s.job"));

    static string Spans(string ofJob) => $"""
        select f.* from unnest($1, $2, $3, $4) s(place, job, from_at, to_at) cross join lateral (
        {RunTable.EndedColumns} where run.fire_time >= s.from_at and run.fire_time < s.to_at and run.number = 0 {ofJob}
        order by run.fire_time, run.job limit $5) f order by s.place, f.fire_time, f.job limit $6
        """;

    static readonly Sql OutsideEpochs = new(RunTable.EndedColumns + """
         join unnest($1, $2, $3) s(job, from_at, to_at) on run.job = s.job and run.fire_time >= s.from_at and run.fire_time < s.to_at
        where run.number = 0 and run.fire_time >= $4 and run.fire_time < $5 and (run.outcome not between 1 and 6
            or run.cause not between 0 and 2
            or (run.claimed_at is not null and run.epoch is not null
                and (epoch.number is null or run.claimed_at < epoch.begun or run.claimed_at > epoch.ended)))
        order by run.fire_time, run.job limit 1000
        """);

    // The reader's spans by place.
    static readonly Sql Counts = new("""
        select s.place, count(*) filter (where r.outcome <> 6), count(*) filter (where r.outcome = 6),
            count(*) filter (where r.outcome not in (1, 6)), count(*) filter (where r.outcome <> 6 and r.cause = 2)
        from unnest($1, $2, $3, $4) s(place, job, from_at, to_at)
            join esc.run r on r.job = s.job and r.fire_time >= s.from_at and r.fire_time < s.to_at and r.number = 0
        where r.fire_time >= $5 and r.fire_time < $6
        group by s.place
        """);

    /// <summary>Returns a page of runs, newest first.</summary>
    public static async Task<RunPage> FindAsync(Session db, RunQuery query)
    {
        if (query.Id is { } id) return new(await RunTable.FindAsync(db, id) is { } run ? [run] : []);
        long? job = null;
        if (query.Job is { } name && (job = await JobTable.NumberAsync(db, name)) is null) return new([]);
        var names = JobNames.Of([]);
        var before = RunPages.End(query);
        var since = query.Since is { } from ? RunPages.Since(from) : long.MinValue;
        var running = await RunTable.OpenAsync(db, job);
        await names.AddAsync(db, running.Select(run => run.Id.Job));
        List<Run> open = [.. running.Where(run => run.Id.FireTime >= since && RunPages.Compare(run.Id, before) < 0).Select(names.RunOf)];
        var known = open.Select(run => run.Id).ToHashSet();
        List<Run> ended = [];
        var last = before;
        (Sql, Arg[]) statement = RunPages.IsOfTrouble(query) ? (NewestInTrouble, [])
            : job is { } of ? (query.Since is null ? NewestOfJob : NewestOfJobSince, [of]) : (Newest, []);
        for (var rows = FirstRows; ; rows = Math.Min(rows * 4, query.MaxRows + 1))
        {
            // Read in chunks, because most pages are full after few rows.
            var chunk = await ChunkAsync(db, statement, since, last, rows, names);
            ended.AddRange(chunk.Where(run => !known.Contains(run.Id)));
            if (chunk.Count > 0) last = chunk[^1].Id;
            var isEnd = chunk.Count < rows;
            var newest = open.Where(run => isEnd || RunPages.Compare(run.Id, last) > 0).Concat(ended)
                .OrderByDescending(run => run.Id, Comparer<Jobs.RunId>.Create(RunPages.Compare));
            var page = RunPages.Of(newest, query, run => names.JobOf(run.Job));
            if (isEnd || page.Next is not null) return page;
        }
    }

    static async Task<List<Run>> ChunkAsync(
        Session db, (Sql Sql, Arg[] Args) statement, long since, Jobs.RunId before, int rows, JobNames names)
    {
        var chunk = await db.QueryAsync(statement.Sql, RunTable.ReadEnded, [since, before.FireTime, before.Job, before.Number, rows, .. statement.Args]);
        await names.AddAsync(db, chunk.Select(run => run.Id.Job));
        return chunk.ConvertAll(names.Named);
    }

    /// <summary>Returns the numbers of ended runs of fire times in spans.</summary>
    public static async Task<IReadOnlyList<RunCount>> CountAsync(Session db, IReadOnlyList<RunSpan> spans)
    {
        var counts = new RunCount[spans.Count];
        if (counts.Length == 0) return counts;

        // The outer span prunes the partitions.
        foreach (var (place, count) in await db.QueryAsync(Counts,
            static row => ((int)row.Long(0), new RunCount(row.Long(1), row.Long(2), row.Long(3), row.Long(4))),
            Enumerable.Range(0, spans.Count).Select(place => (long)place).ToArray(), spans.Select(span => span.Job).ToArray(),
            spans.Select(span => span.From).ToArray(), spans.Select(span => span.To).ToArray(), spans.Min(span => span.From),
            spans.Max(span => span.To)))
        {
            counts[place] = count;
        }

        return counts;
    }

    /// <summary>Reads the ended runs of fire times in spans, oldest first in each span.</summary>
    public static async Task<IReadOnlyList<Run>> RowsAsync(Session db, RunReads reads, JobNames names, RowChecks checks)
    {
        if (reads.Rows.Count == 0 || reads.Limit <= 0) return [];
        var spans = reads.Rows;
        var sql = spans.Any(span => span.Job == RunSpan.AllJobs) ? OfSpans : OfSpansOfJobs;
        return await NamedAsync(db, names, checks, sql, Enumerable.Range(0, spans.Count).Select(place => (long)place).ToArray(),
            spans.Select(span => span.Job).ToArray(), spans.Select(span => span.From).ToArray(), spans.Select(span => span.To).ToArray(),
            RunReads.MaxRows, reads.Limit);
    }

    /// <summary>Returns the counted runs whose claim contradicts the row of their epoch, or with an unknown outcome or
    /// cause.</summary>
    public static async Task<IReadOnlyList<Run>> OutsideEpochsAsync(
        Session db, IReadOnlyList<RunSpan> spans, JobNames names, RowChecks checks) => spans.Count == 0
        ? []
        : await NamedAsync(db, names, checks, OutsideEpochs, spans.Select(span => span.Job).ToArray(),
            spans.Select(span => span.From).ToArray(), spans.Select(span => span.To).ToArray(), spans.Min(span => span.From),
            spans.Max(span => span.To));

    static async Task<List<Run>> NamedAsync(Session db, JobNames names, RowChecks checks, Sql sql, params Arg[] args)
    {
        // The names of the jobs are read first, because the checks name the job.
        var runs = await db.QueryAsync(sql, static row => (Run: RunTable.ReadEnded(row), Values: ValuesOf(row)), args);
        await names.AddAsync(db, runs.Select(run => run.Run.Id.Job));
        return runs.ConvertAll(run => RunChecks.Ended(names.Named(run.Run), run.Values, checks));
    }

    /// <summary>Returns an ended run without values that no process writes.</summary>
    public static Run Checked(Run run, NpgsqlDataReader row, RowChecks checks) => RunChecks.Ended(run, ValuesOf(row), checks);

    static RunValues ValuesOf(NpgsqlDataReader row) =>
        new(row.Long(3), row.Maybe(5), row.Long(6), row.Long(7), row.Maybe(8), row.Long(13));
}
