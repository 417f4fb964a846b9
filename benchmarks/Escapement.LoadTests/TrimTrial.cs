using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Sqlite;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Data.Sqlite;

namespace Escapement.LoadTests;

/// <summary>Ten jobs fire each twentieth of a second and are claimed and recorded, while the old history is deleted.</summary>
static class TrimTrial
{
    const string Handler = "work";
    const int Jobs = 10;

    static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(50), Before = TimeSpan.FromSeconds(10);

    /// <summary>Milliseconds of each claim and each record before the deletion and during it, and how long it took.</summary>
    public sealed record Result(List<double> Alone, List<double> Beside, List<double> Records, TimeSpan Took, long Left);

    /// <param name="folder">A fresh folder.</param>
    /// <param name="rows">How many old runs there are.</param>
    public static async Task<Result> RunAsync(string folder, int rows)
    {
        var path = Path.Combine(folder, "trim.db");
        await using SqliteStore store = new(new(path, TimeSpan.FromSeconds(15)), TimeProvider.System);
        await store.OpenAsync("trials", CancellationToken.None);
        var start = DateTimeOffset.UtcNow;
        await store.ChangeAsync(new()
        {
            Jobs = [.. Enumerable.Range(0, Jobs).Select(number => JobEdits.Add(new()
            {
                Id = JobId.Parse($"job-{number}"), Name = "job", Handler = Handler,
                Trigger = new IntervalTrigger(Apart, start, ZoneClock.Utc), Options = new() { MaxInstances = null },
            }))],
        }, CancellationToken.None);
        Fill(path, rows, start.AddDays(-60));
        var node = new NodeName("node", 1, "here", start, null);
        await store.LookAsync(new Sign.Enter(node, [], [Handler]), CancellationToken.None);
        var epoch = (await store.ChangeEpochsAsync(new() { Begin = node, WithLock = true, Newest = default(EpochSeen) },
            CancellationToken.None)).Begun!.Number;

        List<double> alone = [], beside = [], records = [];
        var claims = alone;
        using CancellationTokenSource over = new();
        var working = WorkAsync(store, epoch, () => claims, records, over.Token);
        await Task.Delay(Before);
        claims = beside;
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var at = TimeProvider.System.GetTimestamp();
            if (!await store.TrimAsync(start.AddDays(-30), CancellationToken.None)) break;

            // As the active node does it.
            await Task.Delay(TimeProvider.System.GetElapsedTime(at));
        }

        var took = TimeProvider.System.GetElapsedTime(begun);
        await over.CancelAsync();
        await working;
        return new(alone, beside, records, took, Left(path, start.AddDays(-30)));
    }

    static async Task WorkAsync(SqliteStore store, long epoch, Func<List<double>> claims, List<double> records, CancellationToken over)
    {
        var request = new ClaimRequest
        {
            Node = "node",
            Epoch = epoch,
            Handlers = new HashSet<string> { Handler },
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 100 },
            GraceLimit = TimeSpan.FromHours(24),
        };
        while (!over.IsCancellationRequested)
        {
            var at = TimeProvider.System.GetTimestamp();
            var claimed = await store.ClaimAsync(request, CancellationToken.None);
            claims().Add(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
            at = TimeProvider.System.GetTimestamp();
            await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
            {
                Id = run.Id, Node = "node", Epoch = epoch, Attempt = run.Attempt, StartedAt = run.FireTime,
                FinishedAt = DateTimeOffset.UtcNow, Outcome = Outcome.Succeeded,
            })]);
            if (claimed.Runs.Count > 0) records.Add(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
            await Task.Delay(10, CancellationToken.None);
        }
    }

    /// <summary>Old runs of the jobs, written at once: the store itself would take minutes for them.</summary>
    static void Fill(string path, int rows, DateTimeOffset from)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = $"""
            with recursive n(i) as (select 0 union all select i + 1 from n where i < {rows} - 1)
            insert into run (fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome)
            select {from.ToUnixTimeMilliseconds()} * 1000 + i / {Jobs} * 1000, 1 + i % {Jobs}, 0, 0, i, 1, 0, 0, 0, 1 + i % 50 / 49 from n
            """;
        command.ExecuteNonQuery();
        command.CommandText = "pragma wal_checkpoint(truncate)";
        command.ExecuteNonQuery();
    }

    static long Left(string path, DateTimeOffset before)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select count(*) from run where fire_time < {before.ToUnixTimeMilliseconds()} * 1000";
        return (long)command.ExecuteScalar()!;
    }
}
