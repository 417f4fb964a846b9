using System.Globalization;
using Escapement.Jobs;
using Npgsql;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>Tables of what changes with more jobs, more nodes, more runs a second, and more history.</summary>
static class ScaleTrial
{
    const int Jobs = 10_000, Nodes = 4, Days = 30, Reads = 20;

    /// <summary>Room for a row of history with its index entries and its share of the log, in bytes.</summary>
    const long RoomOfRow = 290;

    /// <summary>Less than the nodes run a second while they read definitions.</summary>
    const int FirstRunsPerSecond = 15_000;

    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    /// <summary>The tables by name.</summary>
    public static string[] Tables { get; } = ["jobs", "nodes", "runs", "history"];

    /// <summary>Prints the tables.</summary>
    /// <param name="server">The server.</param>
    /// <param name="folder">The folder of the server.</param>
    /// <param name="duration">How long each row is measured after its warm-up.</param>
    /// <param name="rows">The greatest number of rows of history.</param>
    /// <param name="only">The only table to print, or null.</param>
    public static async Task RunAsync(Server server, string folder, TimeSpan duration, int rows, string? only)
    {
        if (only is null or "jobs") await JobsAsync(server, duration);
        if (only is null or "nodes") await NodesAsync(server, duration);
        if (only is null or "runs") await RunsAsync(server, duration);
        if (only is null or "history") await HistoriesAsync(server, folder, duration, rows);
    }

    static async Task JobsAsync(Server server, TimeSpan duration)
    {
        Head($"Jobs stored ({Nodes} nodes)", "jobs", StoreColumns);
        foreach (var jobs in (int[])[1_000, 10_000, 100_000, 1_000_000])
        {
            await StoreNode.CreateAsync(server, jobs);

            // Until the nodes have read each definition.
            Row($"{jobs:N0}", await StoreAsync(server, Nodes, duration, WarmUp + TimeSpan.FromSeconds(jobs / FirstRunsPerSecond)));
        }
    }

    static async Task NodesAsync(Server server, TimeSpan duration)
    {
        Head($"Nodes ({Jobs:N0} jobs)", "nodes", StoreColumns);
        foreach (var nodes in (int[])[1, 2, 4, 8])
        {
            await StoreNode.CreateAsync(server, Jobs);
            Row($"{nodes}", await StoreAsync(server, nodes, duration, WarmUp));
        }
    }

    static async Task RunsAsync(Server server, TimeSpan duration)
    {
        await server.ExecuteAsync($"drop schema if exists {StoreNode.Schema} cascade");
        Head($"Runs a second ({Nodes} complete engines, each job fires each second)", "runs due a second", "recorded a second",
            "lateness p50, p99, worst, ms", "processor time of the server, s a second");
        foreach (var jobs in (int[])[100, 500, 1_000, 2_000, 5_000]) await LoadAsync(server, jobs, duration);
    }

    static async Task HistoriesAsync(Server server, string folder, TimeSpan duration, int rows)
    {
        Head($"History ({Nodes} nodes, {Jobs:N0} jobs, the rows in {Days} daily partitions)", "rows of history",
            [.. StoreColumns, "newest 100 runs, ms", "newest 100 runs of a job, ms", "size, GB"]);
        foreach (var history in ((int[])[0, 1_000_000, 10_000_000, 100_000_000]).Where(count => count <= rows))
        {
            if (new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace < history * RoomOfRow)
            {
                Console.WriteLine($"{history:N0} rows of history are left out: they need {history * RoomOfRow >> 30} GB below {folder}.");
                continue;
            }

            await StoreNode.CreateAsync(server, Jobs);
            if (history > 0) await HistoryAsync(server, history);
            var read = await ReadAsync(server);
            Row($"{history:N0}", [.. await StoreAsync(server, Nodes, duration, WarmUp), .. read]);
        }
    }

    static readonly string[] StoreColumns =
        ["runs a second", "claim p50, p99, ms", "record p50, p99, ms", "runs a claim", "processor time a run, nodes, server, µs"];

    static async Task<string[]> StoreAsync(Server server, int nodes, TimeSpan duration, TimeSpan warmUp)
    {
        var figures = await ThroughputTrial.StoreAsync(server, nodes, duration, warmUp);
        return [$"{figures.PerSecond:N0}", $"{figures.Claim.P50}, {figures.Claim.P99}", $"{figures.Record.P50}, {figures.Record.P99}",
            $"{figures.RunsOfClaim:0}", $"{figures.Processor.Nodes:0.0}, {figures.Processor.Server:0.0}"];
    }

    static async Task LoadAsync(Server server, int jobs, TimeSpan duration)
    {
        var (late, busy) = await LatenessTrial.EngineAsync(server, jobs, isSpread: true, duration);
        late.Sort();
        Row($"{jobs:N0}", $"{late.Count / (duration.TotalSeconds - 1):N0}", late.Count == 0
            ? "-"
            : $"{Figures.At(late, 0.5):0.0}, {Figures.At(late, 0.99):0.0}, {late[^1]:0.0}", $"{busy / duration:0.00}");
    }

    /// <summary>Writes runs of today and of the days before. The runs of today are later in the day than the fire times of the
    /// trial.</summary>
    static async Task HistoryAsync(Server server, int rows)
    {
        for (var day = 0; day < Days; day++)
        {
            var from = StoreNode.First.AddDays(-day);
            var table = string.Create(CultureInfo.InvariantCulture, $"{StoreNode.Schema}.run_{from:yyyyMMdd}");
            if (day > 0) await server.ExecuteAsync($"create table {table} (like {StoreNode.Schema}.run including defaults)");
            await server.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
                insert into {table}(fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome)
                select at, i % {Jobs} + 1, 0, 1, i, 1, at + 1000, at + 1500, at + 2000, 1
                from (select i, {Micros(from.AddHours(12))} + (i / {Jobs}) * 1000000 as at from generate_series(0, {(rows / Days) - 1}) i) r
                """));

            // The indexes of a filled table are built at once.
            if (day > 0)
            {
                await server.ExecuteAsync(string.Create(CultureInfo.InvariantCulture,
                    $"alter table {StoreNode.Schema}.run attach partition {table} for values from ({Micros(from)}) to ({Micros(from.AddDays(1))})"));
            }

            await server.ExecuteAsync($"vacuum analyze {table}");
        }

        await server.ExecuteAsync($"analyze {StoreNode.Schema}.run");
        await server.ExecuteAsync("checkpoint");
    }

    /// <summary>Returns the medians of the times of pages of runs, and the size of the database.</summary>
    static async Task<string[]> ReadAsync(Server server)
    {
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        await using var store = StoreNode.Store(database);
        await store.OpenAsync("bench", default);
        while (await store.TrimAsync(StoreNode.First.AddDays(-Days), default)) { }

        var size = (await server.LongAsync("select pg_database_size(current_database())"))!.Value;
        return [await MedianAsync(new() { Limit = 100 }), await MedianAsync(new() { Job = JobId.Parse("job-7"), Limit = 100 }),
            $"{size / 1e9:0.0}"];

        async Task<string> MedianAsync(RunQuery query)
        {
            List<double> times = [];
            for (var i = 0; i < Reads; i++)
            {
                var begun = TimeProvider.System.GetTimestamp();
                await store.RunsAsync(query, default);
                times.Add(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds);
            }

            times.Sort();
            return $"{Figures.At(times, 0.5):0.0}";
        }
    }

    static long Micros(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    static void Head(string title, string first, params string[] columns)
    {
        Console.WriteLine();
        Console.WriteLine($"**{title}**");
        Console.WriteLine();
        Row(first, columns);
        Row("---", [.. columns.Select(_ => "---")]);
    }

    static void Row(string first, params string[] cells) => Console.WriteLine($"| {string.Join(" | ", [first, .. cells])} |");
}
