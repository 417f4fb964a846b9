using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Sqlite;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Data.Sqlite;

namespace Escapement.LoadTests;

/// <summary>Asks why fire times of a job did not run, over a long history without a gap.</summary>
static class WhyTrial
{
    const string Handler = "work";

    /// <summary>The account, the milliseconds and the processor milliseconds of each answer, and the bytes allocated by an
    /// answer.</summary>
    public sealed record Result(string Account, List<double> Took, List<double> Processor, long Allocated);

    /// <summary>Measures a store file.</summary>
    /// <param name="folder">A fresh folder.</param>
    /// <param name="interval">The interval of the job.</param>
    /// <param name="runs">The number of runs.</param>
    /// <param name="times">The number of answers.</param>
    public static async Task<Result> SqliteAsync(string folder, TimeSpan interval, long runs, int times)
    {
        var path = Path.Combine(folder, "why.db");
        var clock = new SettableClock(DateTimeOffset.UtcNow.AddDays(-400));
        await using SqliteStore store = new(new(path, TimeSpan.FromSeconds(15)), clock);
        await store.OpenAsync("trials", CancellationToken.None);
        var start = await AddAsync(store, clock, interval);
        await using (SqliteConnection connection = new($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandTimeout = 0;
            command.CommandText = $"""
                with recursive n(i) as (select 0 union all select i + 1 from n where i < {runs} - 1)
                insert into run (fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome)
                select {start.ToMicros()} + i * {interval.Ticks / 10}, 1, 0, 1, i, 1, {start.ToMicros()} + i * {interval.Ticks / 10} + 900,
                    {start.ToMicros()} + i * {interval.Ticks / 10} + 1500, {start.ToMicros()} + i * {interval.Ticks / 10} + 2500, 1 from n;
                update due set at = {start.ToMicros()} + {runs} * {interval.Ticks / 10}, last_fire = {start.ToMicros()} + ({runs} - 1) * {interval.Ticks / 10};
                pragma wal_checkpoint(truncate)
                """;
            await command.ExecuteNonQueryAsync();
        }

        return await MeasureAsync(store, clock, start, interval * runs, times);
    }

    /// <summary>Measures the memory store, which really claims and records each run.</summary>
    /// <inheritdoc cref="SqliteAsync"/>
    public static async Task<Result> MemoryAsync(TimeSpan interval, long runs, int times)
    {
        var clock = new SettableClock(DateTimeOffset.UtcNow.AddDays(-400));
        await using var store = StoreOf(clock);
        await store.OpenAsync("trials", CancellationToken.None);
        var start = await AddAsync(store, clock, interval);
        var epoch = (await store.LookAsync(Sign.None, CancellationToken.None)).Newest!;
        var request = new ClaimRequest
        {
            Node = epoch.Node.Id,
            Epoch = epoch.Number,
            Handlers = new HashSet<string> { Handler },
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 1_000 },
            GraceLimit = TimeSpan.FromHours(24),
        };
        for (long done = 0; done < runs;)
        {
            clock.Now = start + (interval * done);
            var claimed = await store.ClaimAsync(request, CancellationToken.None);
            await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
            {
                Id = run.Id, Node = epoch.Node.Id, Epoch = epoch.Number, Attempt = run.Attempt, StartedAt = run.FireTime,
                FinishedAt = clock.Now, Outcome = Outcome.Succeeded,
            })]);
            done += claimed.Runs.Count;
        }

        return await MeasureAsync(store, clock, start, interval * runs, times);
    }

    static async Task<DateTimeOffset> AddAsync(IJobStore store, SettableClock clock, TimeSpan interval)
    {
        var start = new DateTimeOffset(clock.Now.Date, TimeSpan.Zero).AddDays(1);
        await store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Add(new()
            {
                Id = JobId.Parse("often"), Name = "often", Handler = Handler, Trigger = new IntervalTrigger(interval, start, ZoneClock.Utc),
            })],
        }, CancellationToken.None);
        var node = new NodeName("node", 1, "here", start, null);
        await store.LookAsync(new Sign.Enter(node, [], [Handler]), CancellationToken.None);
        await store.ChangeEpochsAsync(new() { Begin = node, WithLock = true, Newest = default(EpochSeen) }, CancellationToken.None);
        return start;
    }

    static async Task<Result> MeasureAsync(IJobStore store, SettableClock clock, DateTimeOffset start, TimeSpan span, int times)
    {
        clock.Now = start + span - TimeSpan.FromMicroseconds(1);
        List<double> took = [], processor = [];
        var (account, allocated) = ("", 0L);
        for (var i = 0; i <= times; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var busy = Environment.CpuUsage.TotalTime;
            var at = TimeProvider.System.GetTimestamp();
            var why = await store.WhyAsync(JobId.Parse("often"), start, start + span, Language.English, CancellationToken.None);
            if (i > 0) took.Add(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
            if (i > 0) processor.Add((Environment.CpuUsage.TotalTime - busy).TotalMilliseconds);
            (account, allocated) = (why.Account.Sentence, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return new(account, took, processor, allocated);
    }

    static IJobStore StoreOf(TimeProvider clock) => (IJobStore)Activator.CreateInstance(
        typeof(IJobStore).Assembly.GetType("Escapement.Stores.MemoryStore")!, clock)!;

    sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
