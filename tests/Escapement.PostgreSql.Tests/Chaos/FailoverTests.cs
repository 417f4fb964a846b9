using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.TestProcesses;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>The primary server is killed, and a replica that lacks its last commits is promoted.</summary>
[Collection(ChaosServer.Name)]
public sealed class FailoverTests : IAsyncLifetime
{
    const string Node = "a", Other = "b";

    ReplicatedServers? servers;
    NpgsqlDataSource? database;

    public async ValueTask InitializeAsync()
    {
        servers = await ReplicatedServers.StartAsync();
        database = NpgsqlDataSource.Create(servers.ConnectionString);
    }

    [Fact]
    public async Task Nodes_of_the_old_timeline_go_on_under_new_epochs_and_repeat_no_run_that_the_replica_has()
    {
        await using var a = await OpenAsync();
        await using var b = await OpenAsync();
        await EnterAsync(a, Node);
        await EnterAsync(b, Other);
        var own = await BeginAsync(a, Node);
        var others = await BeginAsync(b, Other);
        await AddAsync(a, "known", "running");
        var known = (await ClaimAsync(a, Node, own, 1)).Runs;
        Assert.Equal(["known", "running"], known.Select(run => run.Job.Id.Value).Order());
        var ran = known.Single(run => run.Job.Id.Value == "known");
        Assert.Equal(0, await a.RecordAsync([End(ran, Node, own)]));
        await servers!.LoseAllThatFollowsAsync();

        // The replica lacks a job, its claim, the end of a run, and an epoch.
        await AddAsync(a, "lost");
        var lost = Assert.Single((await ClaimAsync(a, Node, own, 2)).Runs);
        var running = known.Single(run => run.Job.Id.Value == "running");
        Assert.Equal(0, await a.RecordAsync([End(running, Node, own)]));
        var third = await BeginAsync(b, "c");
        Assert.Equal(own, (await a.LookAsync(Sign.None, default)).Living[0].Number);
        await servers.FailOverAsync();

        // The heartbeat itself finds the new server.
        var beaten = await AnsweredAsync(() => b.LookAsync(new Sign.Heartbeat(Other, others), default));
        Assert.DoesNotContain(beaten.Living, row => row.Number == others);
        Assert.True((await AnsweredAsync(() => ClaimAsync(a, Node, own, 3))).Fenced);
        var look = await AnsweredAsync(() => a.LookAsync(new Sign.Heartbeat(Node, own), default));
        Assert.DoesNotContain(look.Living, row => row.Number == own);
        Assert.Equal(1, await AnsweredAsync(() => a.RecordAsync([End(lost, Node, own)])));
        Assert.True((await AnsweredAsync(() => ClaimAsync(b, Other, others, 1))).Fenced);

        // The node ends its own epoch, and what was running there is settled.
        var next = await AnsweredAsync(() => BeginAsync(a, Node, own));
        Assert.True(next > third, $"{next} follows {third}");
        await AddAsync(a, "after");
        var after = (await ClaimAsync(a, Node, next, 1)).Runs;
        var run = Assert.Single(after);
        Assert.Equal("after", run.Job.Id.Value);
        Assert.True(run.Token > lost.Token, $"{run.Token} follows {lost.Token}");
        Assert.Equal(0, await a.RecordAsync([End(run, Node, next)]));

        var runs = (await Account.AllRunsAsync(a)).ToDictionary(one => one.Job.Value, one => one.Outcome);
        Assert.Equal((Outcome.Succeeded, Outcome.Interrupted, Outcome.Succeeded), (runs["known"], runs["running"], runs["after"]));
        Assert.DoesNotContain("lost", runs.Keys);
        var audit = await a.AuditAsync(a.Clock.GetUtcNow().AddHours(-1), null, Language.English, default);
        Assert.True(audit.Account.Balanced, audit.Account.Sentence);
        Assert.Empty(audit.Imbalances);
    }

    async Task<PostgreSqlStore> OpenAsync()
    {
        PostgreSqlStore store = new(new(database!, TimeSpan.FromSeconds(15)) { SharePatience = TimeSpan.Zero }, TimeProvider.System);
        await store.OpenAsync("failover", default);
        return store;
    }

    static Task<Look> EnterAsync(PostgreSqlStore store, string node) => store.LookAsync(new Sign.Enter(NameOf(node), [], ["work"]), default);

    static NodeName NameOf(string node) => new(node, 1, "h", DateTimeOffset.UnixEpoch, null);

    /// <summary>Begins an epoch, and ends the node's own epoch before, as the engine does.</summary>
    static async Task<long> BeginAsync(PostgreSqlStore store, string node, long? before = null)
    {
        var look = await store.LookAsync(Sign.None, default);
        var changed = await store.ChangeEpochsAsync(new()
        {
            Begin = NameOf(node),
            Ends = [.. look.Living.Where(row => row.Number == before).Select(row => (EpochSeen.Of(row), EpochEnd.LeaseOver))],
        }, default);
        return changed.Begun!.Number;
    }

    static Task AddAsync(PostgreSqlStore store, params string[] jobs)
    {
        var due = store.Clock.GetUtcNow().ToWholeMicros();
        return store.ChangeAsync(new()
        {
            Jobs = [.. jobs.Select(job => JobEdits.Add(new()
            {
                Id = JobId.Parse(job),
                Name = job,
                Handler = "work",
                Trigger = new DateTrigger(due, ZoneClock.Utc),
                Options = new() { MisfireGrace = MisfireGrace.Unlimited },
            }, next: due))],
        }, default);
    }

    static Task<Claimed> ClaimAsync(PostgreSqlStore store, string node, long epoch, long number) => store.ClaimAsync(new()
    {
        Node = node,
        Epoch = epoch,
        Number = number,
        Handlers = new HashSet<string> { "work" },
        FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 20 },
        GraceLimit = TimeSpan.FromHours(1),
    }, default);

    static Finished End(ClaimedRun run, string node, long epoch) => new()
    {
        Id = run.Id,
        Node = node,
        Epoch = epoch,
        Attempt = run.Attempt,
        StartedAt = run.FireTime,
        FinishedAt = run.FireTime.AddSeconds(1),
        Outcome = Outcome.Succeeded,
    };

    static async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (StoreUnavailableException) when (!limit.IsCancellationRequested)
            {
                // The old server is gone.
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null) await database.DisposeAsync();
        if (servers is not null) await servers.DisposeAsync();
    }
}
