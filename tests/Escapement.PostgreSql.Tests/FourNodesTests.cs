using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>Four nodes at once, by the clock of the database.</summary>
public sealed class FourNodesTests : IAsyncLifetime
{
    const int Nodes = 4, Jobs = 2_000;

    readonly string schema = "four";
    readonly NpgsqlDataSource database = Server.Current.Database;
    readonly List<(PostgreSqlStore Store, Epoch Epoch)> nodes = [];

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < Nodes; i++)
        {
            PostgreSqlStoreOptions options = new(database, TimeSpan.FromSeconds(15))
            {
                Schema = schema,
                SharePatience = TimeSpan.FromMilliseconds(20),
            };
            PostgreSqlStore store = new(options, TimeProvider.System);
            await store.OpenAsync("four", default);
            var begun = await store.ChangeEpochsAsync(new() { Begin = new($"node{i}", i, "h", DateTimeOffset.UnixEpoch, null) }, default);
            nodes.Add((store, begun.Begun!));
        }
    }

    [Fact]
    public async Task Each_fire_time_runs_once_and_the_ledger_balances()
    {
        var store = nodes[0].Store;
        var due = store.Clock.GetUtcNow().AddSeconds(1);
        var trigger = new DateTrigger(due, ZoneClock.Utc);
        foreach (var some in Enumerable.Range(0, Jobs).Chunk(500))
        {
            await store.ChangeAsync(new()
            {
                Jobs = [.. some.Select(number => JobEdits.Add(new Job
                {
                    Id = JobId.Parse($"job-{number}"),
                    Name = "job",
                    Handler = "work",
                    Trigger = trigger,
                    Options = new() { MisfireGrace = MisfireGrace.Unlimited },
                }))],
            }, default);
        }

        ConcurrentDictionary<RunId, int> times = new();
        await Task.WhenAll(nodes.Select(node => WorkAsync(node.Store, node.Epoch, times)));

        Assert.Equal(Jobs, times.Count);
        Assert.All(times.Values, count => Assert.Equal(1, count));
        var audit = await store.AuditAsync(due.AddHours(-1), due.AddHours(1), Language.English, default);
        Assert.Equal((true, Jobs), (audit.Account.Balanced, audit.Account.Ran));
    }

    static async Task WorkAsync(PostgreSqlStore store, Epoch epoch, ConcurrentDictionary<RunId, int> times)
    {
        for (var number = 1L; times.Count < Jobs; number++)
        {
            var claimed = await store.ClaimAsync(new()
            {
                Node = epoch.Node.Id,
                Epoch = epoch.Number,
                Number = number,
                Handlers = new HashSet<string> { "work" },
                FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 100 },
                GraceLimit = TimeSpan.FromHours(1),
            }, default);
            Assert.False(claimed.Fenced);
            foreach (var run in claimed.Runs) times.AddOrUpdate(run.Id, 1, (_, count) => count + 1);
            var now = store.Clock.GetUtcNow();
            Assert.Equal(0, await store.RecordAsync([.. claimed.Runs.Select(run => new Finished
            {
                Id = run.Id, Node = epoch.Node.Id, Epoch = epoch.Number, Attempt = run.Attempt, StartedAt = now, FinishedAt = now,
                Outcome = Outcome.Succeeded,
            })]));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (store, _) in nodes) await store.DisposeAsync();
    }
}
