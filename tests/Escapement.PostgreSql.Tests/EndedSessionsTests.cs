using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The server ends random sessions many times a second, so that answers are lost before and after commits.</summary>
public sealed class EndedSessionsTests : IAsyncDisposable
{
    const int Nodes = 3, Jobs = 600;

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(120), Pace = TimeSpan.FromMilliseconds(20);

    readonly NpgsqlDataSource database = NpgsqlDataSource.Create(Server.Current.ConnectionString);
    readonly List<PostgreSqlStore> stores = [];
    readonly ConcurrentDictionary<RunId, int> started = new();
    readonly SemaphoreSlim answered = new(0);
    int ended;

    [Fact]
    public async Task Each_fire_time_runs_once_and_the_ledger_balances()
    {
        for (var i = 0; i < Nodes; i++) stores.Add(await OpenAsync());
        var store = stores[0];
        var due = store.Clock.GetUtcNow().ToWholeMicros();
        await store.ChangeAsync(new()
        {
            Jobs = [.. Enumerable.Range(0, Jobs).Select(number => JobEdits.Add(new Job
            {
                Id = JobId.Parse($"job-{number}"),
                Name = "job",
                Handler = "work",
                Trigger = new DateTrigger(due, ZoneClock.Utc),
                Options = new() { MisfireGrace = MisfireGrace.Unlimited },
            }))],
        }, default);

        using var over = new CancellationTokenSource();
        var killing = EndSessionsAsync(over.Token);
        try
        {
            await Task.WhenAll(stores.Select((node, place) => WorkAsync(node, $"ended{place}"))).WaitAsync(Limit, TimeProvider.System);
        }
        finally
        {
            await over.CancelAsync();
            await killing;
        }

        TestContext.Current.SendDiagnosticMessage($"{ended} sessions were ended.");
        Assert.Equal(Jobs, started.Count);
        Assert.All(started.Values, times => Assert.Equal(1, times));
        var audit = await AnsweredAsync(() =>
            store.AuditAsync(due.AddHours(-1), due.AddHours(1), Language.English, default));
        Assert.Equal((true, Jobs, 0), (audit.Account.Balanced, audit.Account.Ran, audit.Account.Running));
        var jobs = await AnsweredAsync(() => store.JobsAsync(new() { Ended = true }, default));
        Assert.All(jobs.Jobs, job => Assert.Equal(0, job.Running));
    }

    async Task<PostgreSqlStore> OpenAsync()
    {
        PostgreSqlStoreOptions options = new(database, TimeSpan.FromSeconds(15))
        {
            Schema = "sessions",
            SharePatience = TimeSpan.FromMilliseconds(5),
        };
        PostgreSqlStore store = new(options, TimeProvider.System);
        await store.OpenAsync("sessions", default);
        return store;
    }

    async Task EndSessionsAsync(CancellationToken stop)
    {
        await using var own = NpgsqlDataSource.Create(Server.Current.ConnectionString + ";Application Name=ender");
        await using var connection = await own.OpenConnectionAsync(stop);
        await using var end = new NpgsqlCommand("""
            select pg_terminate_backend(pid) from (select pid from pg_stat_activity where application_name like 'escapement ended%'
                order by random() limit 1) one
            """, connection);
        try
        {
            while (true)
            {
                ended += await end.ExecuteScalarAsync(CancellationToken.None) is true ? 1 : 0;
                await Task.Delay(Pace, TimeProvider.System, stop);

                // An operation has succeeded since, or else a busy machine would never open a session between two ends.
                await answered.WaitAsync(stop);
                while (answered.Wait(0, CancellationToken.None)) { }
            }
        }
        catch (OperationCanceledException)
        {
            // The work is done.
        }
    }

    /// <summary>Works as the engine does: a claim without an answer is asked about by the next, and a report is sent until it is
    /// answered.</summary>
    async Task WorkAsync(PostgreSqlStore store, string name)
    {
        var look = await AnsweredAsync(() => store.LookAsync(
            new Sign.Enter(new(name, 1, "h", DateTimeOffset.UnixEpoch, null), [], ["work"]), default));
        Assert.Contains(look.Nodes, node => node.Name.Id == name);
        var epoch = (await AnsweredAsync(() => store.ChangeEpochsAsync(
            new() { Begin = new(name, 1, "h", DateTimeOffset.UnixEpoch, null) }, default))).Begun!;
        HashSet<RunId> held = [];
        long? unanswered = null;
        for (var number = 1L; started.Count < Jobs || unanswered is not null; number++)
        {
            Claimed claimed;
            try
            {
                claimed = await store.ClaimAsync(new()
                {
                    Node = name,
                    Epoch = epoch.Number,
                    Number = number,
                    Unanswered = unanswered,
                    Handlers = new HashSet<string> { "work" },
                    FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 20 },
                    GraceLimit = TimeSpan.FromHours(1),
                }, default);
                answered.Release();
                unanswered = null;
            }
            catch (StoreUnavailableException)
            {
                unanswered ??= number;
                continue;
            }

            Assert.False(claimed.Fenced);
            List<ClaimedRun> runs = [.. claimed.Runs.Where(run => held.Add(run.Id))];
            foreach (var run in runs) started.AddOrUpdate(run.Id, 1, (_, times) => times + 1);
            var now = store.Clock.GetUtcNow();
            Finished[] finished = [.. runs.Select(run => new Finished
            {
                Id = run.Id, Node = name, Epoch = epoch.Number, Attempt = run.Attempt, StartedAt = now, FinishedAt = now,
                Outcome = Outcome.Succeeded,
            })];
            Assert.Equal(0, await AnsweredAsync(() => store.RecordAsync(finished)));
        }
    }

    async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                var answer = await ask();
                answered.Release();
                return answer;
            }
            catch (StoreUnavailableException)
            {
                // The session was ended.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores) await store.DisposeAsync();
        await database.DisposeAsync();
        answered.Dispose();
        Assert.True(ended > 0);
    }
}
