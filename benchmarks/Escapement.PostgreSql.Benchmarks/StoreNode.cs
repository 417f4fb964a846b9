using System.Globalization;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>A node that claims and records with the store alone, as fast as the store allows.</summary>
/// <remarks>The jobs fire each second by a clock of the node. The clock moves on by a second when nothing of the node's shares is due,
/// so that each claim finds a fire time of each of its jobs, and no fire time is behind another.</remarks>
static class StoreNode
{
    public const string Schema = "bench";
    const int Places = 500;
    const string Handler = "work";

    sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Returns a store whose clock stands at the first fire time.</summary>
    public static PostgreSqlStore Store(NpgsqlDataSource database) => Store(database, new Clock(First));

    static PostgreSqlStore Store(NpgsqlDataSource database, TimeProvider clock) => new(new(database, TimeSpan.FromSeconds(15))
    {
        Schema = Schema,
        UsesClockOfProgram = true,
        SharePatience = TimeSpan.FromMinutes(1),
    }, clock);

    /// <summary>The first fire time: the beginning of the day, so that the fire times are in the partition of the day.</summary>
    public static DateTimeOffset First => new(DateTime.UtcNow.Date, TimeSpan.Zero);

    /// <summary>Creates the schema with a number of jobs. The rows of all jobs but the first are copied.</summary>
    public static async Task CreateAsync(Server server, int jobs)
    {
        await server.ExecuteAsync($"drop schema if exists {Schema} cascade");
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        await using var store = Store(database);
        await store.OpenAsync("bench", default);
        await store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Add(new()
            {
                Id = JobId.Parse("job-0"),
                Name = "job",
                Handler = Handler,
                Trigger = new IntervalTrigger(TimeSpan.FromSeconds(1), First.AddSeconds(1), ZoneClock.Utc),
                Options = new() { MisfireGrace = MisfireGrace.Unlimited, Coalesce = false },
            })],
        }, default);
        await CopyAsync(server, Schema, "job", jobs);
    }

    /// <summary>Copies the rows of the job with the number 0.</summary>
    /// <param name="server">The server.</param>
    /// <param name="schema">The schema of the store.</param>
    /// <param name="name">The ids of the jobs without their numbers.</param>
    /// <param name="jobs">The number of jobs with the copied job.</param>
    public static async Task CopyAsync(Server server, string schema, string name, int jobs)
    {
        await server.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            insert into {schema}.job(id, definition, version, marked_at)
                select '{name}-' || i, definition, version, marked_at from {schema}.job, generate_series(1, {jobs - 1}) i where id = '{name}-0';
            insert into {schema}.due(job, queue, share, at, next, last_fire, change)
                select job.number, d.queue, job.number % 16, d.at, d.next, d.last_fire, d.change from {schema}.job,
                    {schema}.due d join {schema}.job copied on copied.number = d.job
                where copied.id = '{name}-0' and job.number > copied.number;
            insert into {schema}.definition(job, version, accounts_from, definition)
                select job.number, d.version, d.accounts_from, d.definition from {schema}.job,
                    {schema}.definition d join {schema}.job copied on copied.number = d.job
                where copied.id = '{name}-0' and job.number > copied.number
            """));
        foreach (var table in (string[])["job", "due", "definition"]) await server.ExecuteAsync($"vacuum analyze {schema}.{table}");
        await server.ExecuteAsync("checkpoint");
    }

    /// <summary>The process: claims and records from the first question until its input ends. The answer is the number of recorded runs
    /// and of claims, the processor time in microseconds, and the 50th and 99th percentile of the claims and of the records since the last answer in milliseconds.</summary>
    public static async Task<int> RunAsync(string connection, string node)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        var clock = new Clock(First);
        await using var store = Store(database, clock);
        await store.OpenAsync("bench", default);
        var epoch = await BeginAsync(store, new(node, Environment.ProcessId, "here", DateTimeOffset.UtcNow, null));
        ClaimRequest request = new()
        {
            Node = node,
            Epoch = epoch.Number,
            Handlers = new HashSet<string> { Handler },
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = Places },
            GraceLimit = TimeSpan.FromHours(24),
        };
        var (runs, claims, gate) = (0L, 0L, new Lock());
        List<double> claim = [], record = [];
        using CancellationTokenSource over = new();
        var work = Task.CompletedTask;
        await Node.ServeAsync(Answer);
        await over.CancelAsync();
        await work;
        return 0;

        async Task WorkAsync()
        {
            while (!over.IsCancellationRequested)
            {
                var at = TimeProvider.System.GetTimestamp();
                var claimed = await store.ClaimAsync(request with { Number = ++claims }, default);
                var then = TimeProvider.System.GetTimestamp();
                if (claimed.Fenced) throw new InvalidOperationException("The epoch has ended.");
                if (claimed.Runs.Count == 0)
                {
                    clock.Now += TimeSpan.FromSeconds(1);
                    continue;
                }

                var refused = await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
                {
                    Id = run.Id, Node = node, Epoch = epoch.Number, Attempt = run.Attempt, StartedAt = clock.Now, FinishedAt = clock.Now,
                    Outcome = Outcome.Succeeded,
                })]);
                if (refused > 0) throw new InvalidOperationException($"{refused} outcomes were refused.");
                lock (gate)
                {
                    runs += claimed.Runs.Count;
                    claim.Add(TimeProvider.System.GetElapsedTime(at, then).TotalMilliseconds);
                    record.Add(TimeProvider.System.GetElapsedTime(then).TotalMilliseconds);
                }
            }
        }

        string Answer()
        {
            if (work == Task.CompletedTask) work = Task.Run(WorkAsync);
            if (work.Exception is { } failed) throw failed;
            lock (gate)
            {
                var answer = string.Create(CultureInfo.InvariantCulture, $"{runs} {claims} {Environment.CpuUsage.TotalTime.TotalMicroseconds:0} {At(claim, 0.5)} {At(claim, 0.99)} {At(record, 0.5)} {At(record, 0.99)}");
                claim.Clear();
                record.Clear();
                return answer;
            }
        }
    }

    /// <summary>Begins an epoch. The nodes begin together, and may wait for each other for longer than a session waits.</summary>
    static async Task<Epoch> BeginAsync(PostgreSqlStore store, NodeName node)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return (await store.ChangeEpochsAsync(new() { Begin = node }, default)).Begun!;
            }
            catch (StoreUnavailableException) when (tries < 10)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    static string At(List<double> figures, double part)
    {
        figures.Sort();
        return figures.Count == 0 ? "-" : Figures.At(figures, part).ToString("0.0", CultureInfo.InvariantCulture);
    }
}
