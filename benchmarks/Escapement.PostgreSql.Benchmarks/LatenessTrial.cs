using System.Globalization;
using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>The time from a fire time to the start of its handler, with four engines and 200 jobs that fire each second.</summary>
static class LatenessTrial
{
    const int Nodes = 4, Jobs = 200, QuartzThreads = 60;

    // Compilation, and the first fire times of jobs that were just declared.
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(25);

    public static async Task RunAsync(Server server, TimeSpan duration)
    {
        foreach (var isSpread in (bool[])[true, false])
        {
            var how = isSpread ? "spread over the second" : "at one instant";
            Console.WriteLine(Figures.Line($"Escapement, {Jobs} jobs a second {how}", (await EngineAsync(server, Jobs, isSpread, duration)).Late));
            Console.WriteLine(Figures.Line($"Quartz, {Jobs} triggers a second {how}", await QuartzAsync(server, isSpread, duration)));
        }
    }

    /// <summary>Compares a store of the jobs that fire with a store that has many further jobs, which do not fire.</summary>
    public static async Task RunAsync(Server server, TimeSpan duration, int idle)
    {
        foreach (var isSpread in (bool[])[true, false])
        {
            foreach (var further in (int[])[0, idle])
            {
                Console.WriteLine(Figures.Line(string.Create(CultureInfo.InvariantCulture,
                        $"{Jobs} jobs a second {(isSpread ? "spread over the second" : "at one instant")}, {further} further jobs"),
                    (await EngineAsync(server, Jobs, isSpread, duration, further)).Late));
            }
        }
    }

    /// <summary>Measures engines.</summary>
    /// <param name="server">The server.</param>
    /// <param name="jobs">The number of jobs that fire each second.</param>
    /// <param name="isSpread">True to spread their fire times evenly over the second.</param>
    /// <param name="duration">How long.</param>
    /// <param name="idle">The number of further jobs, which do not fire.</param>
    /// <returns>The lateness of the recorded fire times in milliseconds, and the processor time of the server.</returns>
    public static async Task<(List<double> Late, TimeSpan Processor)> EngineAsync(Server server, int jobs, bool isSpread, TimeSpan duration, int idle = 0)
    {
        var nodes = await EngineNode.StartAsync(server, Nodes, jobs, isSpread);
        try
        {
            await server.UntilAsync(string.Create(CultureInfo.InvariantCulture,
                $"select count(*) from {EngineNode.Schema}.due having count(*) >= {jobs}"));
            if (idle > 0) await AddIdleAsync(server, idle);
            await Task.Delay(WarmUp);
            var (begun, busy) = (DateTimeOffset.UtcNow, server.Processor());
            await Task.Delay(duration);
            busy = server.Processor() - busy;
            var late = await server.RowsAsync(string.Create(CultureInfo.InvariantCulture, $"""
                select (started_at - fire_time) / 1000.0::float8 from {EngineNode.Schema}.run
                where outcome = 1 and fire_time >= {Micros(begun)} and fire_time < {Micros(begun + duration - TimeSpan.FromSeconds(1))}
                """), row => row.GetDouble(0));
            var expected = jobs * (duration.TotalSeconds - 1);
            if (late.Count < expected * 0.99) Console.WriteLine($"  Only {late.Count} of {expected:0} fire times were recorded.");
            return (late, busy);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
            await server.ExecuteAsync($"drop schema {EngineNode.Schema} cascade");
        }
    }

    static async Task AddIdleAsync(Server server, int count)
    {
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = EngineNode.Schema }, TimeProvider.System);
        await store.OpenAsync(typeof(LatenessTrial).Assembly.GetName().Name!, default);
        await store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Add(new()
            {
                Id = JobId.Parse("idle-0"),
                Name = "idle",
                Handler = EngineNode.IdleHandler,
                Trigger = new DateTrigger(new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), ZoneClock.Utc),
                Options = new(),
            })],
        }, default);
        await StoreNode.CopyAsync(server, EngineNode.Schema, "idle", count);
    }

    static async Task<List<double>> QuartzAsync(Server server, bool isSpread, TimeSpan duration)
    {
        DateTimeOffset first = new(DateTime.UtcNow.Date.AddHours(DateTime.UtcNow.Hour), TimeSpan.Zero);
        while (first < DateTimeOffset.UtcNow.AddSeconds(10)) first = first.AddSeconds(1);
        await QuartzNode.CreateAsync(server, Jobs, number => first.AddMilliseconds(isSpread ? 1000.0 * number / Jobs : 0));
        var nodes = await Node.StartAsync(Nodes,
            number => ["quartz", server.ConnectionString, ThroughputTrial.Text(number), ThroughputTrial.Text(QuartzThreads)]);
        try
        {
            await Task.Delay(WarmUp);
            foreach (var node in nodes) await node.AskAsync();
            await Task.Delay(duration);
            var answers = await Task.WhenAll(nodes.Select(node => node.AskAsync()));
            return [.. answers.SelectMany(answer => answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..])
                .Select(late => double.Parse(late, CultureInfo.InvariantCulture))];
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    static long Micros(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
