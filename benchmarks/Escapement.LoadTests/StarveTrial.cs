using System.Diagnostics;
using System.Globalization;
using Escapement.Jobs;
using Escapement.Rules;
using Microsoft.Data.Sqlite;

namespace Escapement.LoadTests;

/// <summary>One process commits batches of 100 back to back; another writes beside it, and its waits are taken.</summary>
static class StarveTrial
{
    const int Batch = 100;

    static readonly TimeSpan Most = TimeSpan.FromSeconds(25);

    /// <summary>What each write took, in milliseconds, with the queue of the store or with SQLite's own waiting; at most 25 s long.</summary>
    /// <returns>The figures, and how many batches a second the other process committed meanwhile.</returns>
    public static async Task<(List<double> Writes, double BatchesPerSecond)> RunAsync(string folder, int times, bool queue)
    {
        await using var write = await WriterAsync(folder, queue);
        using var busy = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(StarveTrial).Assembly.Location, "starve-busy", folder, queue ? "queue" : "sqlite"])
            {
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
            })!;
        try
        {
            await busy.StandardOutput.ReadLineAsync();
            for (var i = 0; i < 20 && queue; i++) await write.Once(1);
            List<double> figures = [];
            var begun = TimeProvider.System.GetTimestamp();
            while (figures.Count < times && TimeProvider.System.GetElapsedTime(begun) < Most)
            {
                var at = TimeProvider.System.GetTimestamp();
                await write.Once(1);
                figures.Add(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
                // One that also writes without a pause would starve the other instead.
                await Task.Delay(5);
            }

            busy.StandardInput.Close();
            var perSecond = double.Parse(await busy.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture);
            return (figures, perSecond);
        }
        finally
        {
            if (!busy.HasExited) busy.Kill();
        }
    }

    /// <summary>The other process: batch after batch, until its input ends.</summary>
    public static async Task<int> BusyAsync(string folder, bool queue)
    {
        await using var write = await WriterAsync(folder, queue);
        await write.Once(Batch);
        Console.WriteLine("writes");
        var over = Task.Run(Console.In.ReadLine); // not ReadLineAsync: on a console that waits
        var begun = TimeProvider.System.GetTimestamp();
        var batches = 0;
        for (; !over.IsCompleted; batches++) await write.Once(Batch);
        Console.Write((batches / TimeProvider.System.GetElapsedTime(begun).TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    sealed record Writer(Func<int, Task> Once, IAsyncDisposable Closes) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Closes.DisposeAsync();
    }

    static async Task<Writer> WriterAsync(string folder, bool queue)
    {
        if (!queue) return WithSqlite(Path.Combine(folder, "plain.db"));
        var store = await KillTrial.OpenAsync(folder);
        var job = new Job { Id = JobId.Parse("job"), Name = "job", Handler = "none" };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job, replaceExisting: true)] }, CancellationToken.None);
        return new(async rows =>
            await store.EnqueueAsync([.. Enumerable.Repeat(new RunRequest { Job = job.Id }, rows)], CancellationToken.None), store);
    }

    // The same kind of writes, as one writes them without a queue: SQLite itself waits, by sleeping and trying again.
    static Writer WithSqlite(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Run("pragma busy_timeout = 60000");
        Run("pragma journal_mode = wal");
        Run("pragma synchronous = full");
        Run("create table if not exists run (id integer primary key, what text not null) strict");
        return new(rows =>
        {
            Run("begin immediate");
            for (var row = 0; row < rows; row++) Run("insert into run (what) values (hex(randomblob(16)))");
            Run("commit");
            return Task.CompletedTask;
        }, connection);

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            command.ExecuteNonQuery();
        }
    }
}
