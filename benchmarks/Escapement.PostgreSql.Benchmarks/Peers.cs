using System.Globalization;
using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;
using Quartz;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>Hangfire.PostgreSql: background jobs that do nothing, enqueued in advance.</summary>
static class HangfireNode
{
    /// <summary>The job.</summary>
    public static void Work()
    {
    }

    static PostgreSqlStorage Storage(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 60 };
#pragma warning disable CS0618 // The form with a connection factory is for a factory of the caller's own.
        return new(builder.ConnectionString, _ => { }, new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(200) });
#pragma warning restore CS0618
    }

    /// <summary>Enqueues jobs: the first with the client, and the rest as copies of its rows.</summary>
    public static async Task CreateAsync(Server server, int jobs)
    {
        new BackgroundJobClient(Storage(server.ConnectionString)).Enqueue(() => Work());
        await server.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            insert into hangfire.job(statename, invocationdata, arguments, createdat)
                select statename, invocationdata, arguments, createdat from hangfire.job, generate_series(2, {jobs});
            insert into hangfire.jobqueue(jobid, queue) select id, 'default' from hangfire.job
                where not exists (select from hangfire.jobqueue q where q.jobid = job.id)
            """));
        await server.ExecuteAsync("vacuum analyze hangfire.job");
        await server.ExecuteAsync("vacuum analyze hangfire.jobqueue");
        await server.ExecuteAsync("checkpoint");
    }

    /// <summary>The number of jobs that are recorded as succeeded.</summary>
    public static async Task<long> CountAsync(Server server) =>
        (await server.LongAsync("select count(*) from hangfire.job where statename = 'Succeeded'"))!.Value;

    public static async Task<int> RunAsync(string connection, int workers)
    {
        using var serves = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = workers }, Storage(connection));
        await Node.ServeAsync(() => "-");
        return 0;
    }
}

/// <summary>Quartz with its clustered store: a job that does nothing, with many triggers that fire each second.</summary>
static class QuartzNode
{
    static readonly List<double> Late = [];
    static long runs;

    sealed class Work : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref runs);
            var late = (DateTimeOffset.UtcNow - context.ScheduledFireTimeUtc!.Value).TotalMilliseconds;
            lock (Late) Late.Add(late);
            return default;
        }
    }

    static Task<Quartz.IScheduler> BuildAsync(string connection, string node, int threads)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 60 };
        return QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.ConfigureScheduler(options => (options.InstanceName, options.InstanceId) = ("bench", node));
            quartz.UseDefaultThreadPool(threads);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(NpgsqlFactory.Instance, builder.ConnectionString);
                store.UseClustering(_ => { });
                store.ProvisionSchema();
            });
        }).BuildScheduler().AsTask();
    }

    /// <summary>Creates the tables and triggers.</summary>
    /// <param name="server">The server.</param>
    /// <param name="triggers">The number of triggers.</param>
    /// <param name="first">The first fire time of each trigger. Missed fire times are all run.</param>
    public static async Task CreateAsync(Server server, int triggers, Func<int, DateTimeOffset> first)
    {
        var scheduler = await BuildAsync(server.ConnectionString, "creator", 1);
        await scheduler.Clear();
        var job = Quartz.JobBuilder.Create<Work>().WithIdentity("work").StoreDurably().Build();
        foreach (var some in Enumerable.Range(0, triggers).Chunk(500))
        {
            await scheduler.ScheduleJob(job, [.. some.Select(number => Quartz.TriggerBuilder.Create()
                .WithIdentity(string.Create(CultureInfo.InvariantCulture, $"t{number}")).ForJob("work").StartAt(first(number))
                .WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromSeconds(1)).RepeatForever()
                    .WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
                .Build())], new ScheduleJobOptions { Replace = true });
        }

        await scheduler.Shutdown(true);
        await server.ExecuteAsync("vacuum analyze");
        await server.ExecuteAsync("checkpoint");
    }

    /// <summary>The process. The answer is the number of runs, and the lateness of the runs since the last answer in milliseconds.</summary>
    public static async Task<int> RunAsync(string connection, string node, int threads)
    {
        var scheduler = await BuildAsync(connection, node, threads);
        await scheduler.Start();
        await Node.ServeAsync(() =>
        {
            lock (Late)
            {
                var answer = string.Create(CultureInfo.InvariantCulture,
                    $"{Interlocked.Read(ref runs)} {string.Join(' ', Late.Select(late => late.ToString("0.00", CultureInfo.InvariantCulture)))}");
                Late.Clear();
                return answer;
            }
        });
        await scheduler.Shutdown(false);
        return 0;
    }
}
