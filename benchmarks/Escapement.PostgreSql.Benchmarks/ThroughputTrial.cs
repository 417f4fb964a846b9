using System.Globalization;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>What nodes did with the store. The times are those of the first node, in milliseconds, and the processor times are
/// microseconds a run.</summary>
sealed record StoreFigures(
    double PerSecond, (string P50, string P99) Claim, (string P50, string P99) Record, double RunsOfClaim, (double Nodes, double Server) Processor);

/// <summary>Recorded runs a second with several nodes, beside Hangfire.PostgreSql and Quartz.</summary>
static class ThroughputTrial
{
    const int Nodes = 4, Jobs = 10_000, HangfireJobs = 100_000, QuartzTriggers = 2_000, HangfireWorkers = 10, QuartzThreads = 10;
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(Server server, TimeSpan duration, bool withPeers)
    {
        await StoreNode.CreateAsync(server, Jobs);
        var own = await StoreAsync(server, Nodes, duration, WarmUp);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Escapement, {Nodes} nodes, {Jobs:N0} jobs: {own.PerSecond:N0} runs/s; claim p50 {own.Claim.P50} p99 {own.Claim.P99} ms, record p50 {own.Record.P50} p99 {own.Record.P99} ms, {own.RunsOfClaim:0} runs a claim, µs of processor time a run: nodes {own.Processor.Nodes:0.0}, server {own.Processor.Server:0.0}"));
        if (!withPeers) return;
        await server.ExecuteAsync($"drop schema {StoreNode.Schema} cascade");

        await HangfireNode.CreateAsync(server, HangfireJobs);
        var hangfire = await MeasureAsync(number => ["hangfire", server.ConnectionString, Text(HangfireWorkers)], Nodes,
            _ => HangfireNode.CountAsync(server), duration);
        Console.WriteLine($"Hangfire.PostgreSql, {Nodes} servers of {HangfireWorkers} workers: {hangfire:N0} runs/s (ratio {own.PerSecond / hangfire:N0})");
        if (await HangfireNode.CountAsync(server) >= HangfireJobs) Console.WriteLine("  All jobs were done early: the figure is too low.");
        await server.ExecuteAsync("drop schema hangfire cascade");

        var begun = DateTimeOffset.UtcNow.AddHours(-2);
        await QuartzNode.CreateAsync(server, QuartzTriggers, _ => begun);
        var quartz = await MeasureAsync(number => ["quartz", server.ConnectionString, Text(number), Text(QuartzThreads)], Nodes,
            async nodes => (await Task.WhenAll(nodes.Select(node => node.CountAsync()))).Sum(), duration);
        Console.WriteLine($"Quartz, {Nodes} clustered schedulers of {QuartzThreads} threads, {QuartzTriggers:N0} triggers: {quartz:N0} runs/s (ratio {own.PerSecond / quartz:N0})");
    }

    /// <summary>Measures the store.</summary>
    public static async Task<StoreFigures> StoreAsync(Server server, int count, TimeSpan duration, TimeSpan warmUp)
    {
        var nodes = await Node.StartAsync(count, number => ["store", server.ConnectionString, Text(number)]);
        try
        {
            // The first question begins the work.
            await AnswersAsync(nodes);
            await Task.Delay(warmUp);
            var (begun, busy, first) = (TimeProvider.System.GetTimestamp(), server.Processor(), await AnswersAsync(nodes));
            await Task.Delay(duration);
            var (took, last) = (TimeProvider.System.GetElapsedTime(begun), await AnswersAsync(nodes));
            busy = server.Processor() - busy;
            var runs = Sum(0);
            var times = last[0].Split(' ');
            return new(runs / took.TotalSeconds, (times[3], times[4]), (times[5], times[6]), runs / Math.Max(1, Sum(1)),
                (Sum(2) / runs, busy.TotalMicroseconds / runs));

            double Sum(int place) => last.Sum(answer => Number(answer, place)) - first.Sum(answer => Number(answer, place));
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }

        static async Task<string[]> AnswersAsync(List<Node> nodes) => await Task.WhenAll(nodes.Select(node => node.AskAsync()));

        static double Number(string answer, int place) => double.Parse(answer.Split(' ')[place], CultureInfo.InvariantCulture);
    }

    static async Task<double> MeasureAsync(Func<int, string[]> words, int count, Func<List<Node>, Task<long>> runs, TimeSpan duration)
    {
        var nodes = await Node.StartAsync(count, words);
        try
        {
            await Task.Delay(WarmUp);
            var (begun, first) = (TimeProvider.System.GetTimestamp(), await runs(nodes));
            await Task.Delay(duration);
            var (took, last) = (TimeProvider.System.GetElapsedTime(begun), await runs(nodes));
            return (last - first) / took.TotalSeconds;
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
