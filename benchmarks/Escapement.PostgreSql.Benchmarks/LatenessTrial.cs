using System.Globalization;

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

    /// <summary>Measures engines.</summary>
    /// <param name="server">The server.</param>
    /// <param name="jobs">The number of jobs that fire each second.</param>
    /// <param name="isSpread">True to spread their fire times evenly over the second.</param>
    /// <param name="duration">How long.</param>
    /// <returns>The lateness of the recorded fire times in milliseconds, and the processor time of the server.</returns>
    public static async Task<(List<double> Late, TimeSpan Processor)> EngineAsync(Server server, int jobs, bool isSpread, TimeSpan duration)
    {
        var nodes = await EngineNode.StartAsync(server, Nodes, jobs, isSpread);
        try
        {
            await server.UntilAsync(string.Create(CultureInfo.InvariantCulture,
                $"select count(*) from {EngineNode.Schema}.due having count(*) >= {jobs}"));
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
