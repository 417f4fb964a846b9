using System.Globalization;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Simulation;
using Escapement.Stores;
using Escapement.TestProcesses;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>Several real processes over a schema of the server, with the journals of their handlers.</summary>
sealed class Cluster : IAsyncDisposable
{
    static int count;

    readonly string folder = Directory.CreateTempSubdirectory("escapement-chaos-").FullName;
    readonly NpgsqlDataSource database;
    readonly string connection;
    readonly List<NodeProcess> all = [];

    Cluster(TimeSpan lease, string connection)
    {
        (Lease, this.connection, database) = (lease, connection, NpgsqlDataSource.Create(connection));
        Store = new(new(database, lease) { Schema = Schema }, TimeProvider.System);
    }

    /// <summary>The lease of the nodes.</summary>
    public TimeSpan Lease { get; }

    public string Schema { get; } = string.Create(CultureInfo.InvariantCulture, $"chaos{Interlocked.Increment(ref count)}");

    /// <summary>The store, opened beside the nodes.</summary>
    public PostgreSqlStore Store { get; }

    /// <summary>The living nodes.</summary>
    public List<NodeProcess> Nodes { get; } = [];

    /// <summary>Opens the store without a node.</summary>
    /// <param name="lease">The lease of the nodes in seconds: short by default, so that a test outlasts the lease.</param>
    /// <param name="connection">The connection string, or null for the server of all tests of trouble.</param>
    public static async Task<Cluster> OpenAsync(int lease = 6, string? connection = null)
    {
        Cluster cluster = new(TimeSpan.FromSeconds(lease), connection ?? ChaosServer.Current.ConnectionString);
        await cluster.Store.OpenAsync("Escapement.TestProcesses", CancellationToken.None);
        return cluster;
    }

    /// <summary>Starts a node, and waits until it is active.</summary>
    /// <param name="load">The number of jobs that fire each second. The same for all nodes.</param>
    /// <param name="port">The port of a relay to the server, or null for the server itself.</param>
    /// <param name="settings">Further arguments.</param>
    public async Task<NodeProcess> AddAsync(int load, int? port = null, params string[] settings)
    {
        var node = Start(load, port, settings);
        await node.IsActiveAsync();
        return node;
    }

    /// <summary>Starts a node.</summary>
    public NodeProcess Start(int load, int? port = null, params string[] settings)
    {
        var store = port is { } relay ? new NpgsqlConnectionStringBuilder(connection) { Port = relay }.ConnectionString : connection;
        var node = NodeProcess.Start(folder, [
            "--Escapement:Store", store, "--Escapement:Schema", Schema,
            "--Escapement:Lease", string.Create(CultureInfo.InvariantCulture, $"{Lease.TotalSeconds}s"),
            "--load", load.ToString(CultureInfo.InvariantCulture), .. settings]);
        Nodes.Add(node);
        all.Add(node);
        return node;
    }

    /// <summary>Kills a node.</summary>
    public void Kill(NodeProcess node)
    {
        node.Signal(NodeProcess.Kill);
        Nodes.Remove(node);
    }

    /// <summary>Adds jobs whose fire times are due since a number of seconds, all of which run however late.</summary>
    public Task BacklogAsync(int jobs, int seconds) => AddDuesAsync(jobs, seconds, Store.Clock.GetUtcNow().AddSeconds(-seconds));

    /// <summary>Adds jobs that fire each second from an instant on for a number of seconds, all of which run however late.</summary>
    public Task AddDuesAsync(int jobs, int seconds, DateTimeOffset first) =>
        Store.ChangeAsync(new()
        {
            Jobs = [.. Enumerable.Range(0, jobs).Select(number => JobEdits.Add(new()
            {
                Id = JobId.Parse(string.Create(CultureInfo.InvariantCulture, $"due-{number:0000}")),
                Name = "due",
                Handler = "note",
                Trigger = new IntervalTrigger(TimeSpan.FromSeconds(1), first, ZoneClock.Utc, end: first.AddSeconds(seconds - 1)),
                Options = new() { MisfireGrace = MisfireGrace.Unlimited, Coalesce = false, MaxInstances = null },
            }, next: first))],
        }, CancellationToken.None);

    /// <summary>Runs a job for ten minutes, and waits until its handler has started.</summary>
    /// <returns>The node that runs the job.</returns>
    public async Task<NodeProcess> RunLongAsync()
    {
        var id = JobId.Parse("long");
        await Store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Add(new() { Id = id, Name = "long", Handler = "long", Arguments = new("[600]", "{}") })],
        }, CancellationToken.None);
        await Store.EnqueueAsync([new() { Job = id }], CancellationToken.None);
        return await UntilAsync(() => Task.FromResult(all.Find(node =>
            File.Exists(node.JournalFile) && File.ReadAllText(node.JournalFile).Contains("start long ", StringComparison.Ordinal))));
    }

    /// <summary>Waits until the store answers a question.</summary>
    public Task<T> UntilAsync<T>(Func<Task<T?>> ask) where T : class => KillTrial.UntilAsync(Store, StoreSignal.RunEnded, async () =>
    {
        try
        {
            return await ask();
        }
        catch (StoreUnavailableException)
        {
            // The trouble of the test reaches this connection too.
            return null;
        }
    });

    /// <summary>Waits for a state of the account. An account of many fire times takes long, so it is not asked for often.</summary>
    public async Task AccountIsAsync(Func<LedgerAccount, bool> such)
    {
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        while (!such((await AuditAsync()).Account)) await Task.Delay(TimeSpan.FromMilliseconds(500), limit.Token);
    }

    /// <summary>Waits until a number of further runs of the load has ended.</summary>
    public async Task RunsGoOnAsync(int runs = 100)
    {
        var since = DateTimeOffset.UtcNow;
        await UntilAsync(async () => (await Store.RunsAsync(
            new() { Since = since, Limit = runs, Outcomes = new HashSet<Outcome> { Outcome.Succeeded } }, CancellationToken.None)).Runs.Count >= runs ? "" : null);
    }

    /// <summary>Stops the nodes, and checks that the ledger balances and that the history keeps the laws of the protocol.</summary>
    /// <param name="jobs">The beginning of the ids of the jobs whose fire times are counted here too.</param>
    /// <param name="oneIsActive">True if one node is active at a time.</param>
    /// <param name="lost">The time whose commits the server may have lost, or null.</param>
    public async Task<AuditReport> CheckAsync(string jobs = "load-", bool oneIsActive = false,
        (DateTimeOffset From, DateTimeOffset To)? lost = null)
    {
        foreach (var node in Nodes) node.Signal(NodeProcess.Terminate);
        foreach (var node in Nodes) await node.EndAsync();
        var account = await Account.TakeAsync(Store, jobs, []);
        Assert.True(account.Balances, $"{account}\n{string.Join('\n', account.Unaccounted.Take(20))}");
        var history = await HistoryAsync(oneIsActive, lost);
        var failure = history.Check();
        Assert.True(failure is null, $"{failure?.Law}: {failure}");
        return history.Audit;
    }

    /// <summary>Returns what the processes and the store recorded.</summary>
    public async Task<History> HistoryAsync(bool oneIsActive = false, (DateTimeOffset From, DateTimeOffset To)? lost = null) => new()
    {
        Runs = await Account.AllRunsAsync(Store),
        Starts = [.. all.SelectMany(StartsOf)],
        Audit = await AuditAsync(),
        OneIsActive = oneIsActive,
        Lost = lost,
    };

    static IEnumerable<RecordedStart> StartsOf(NodeProcess node) => AddTrial.Lines(node.JournalFile).Select(line => line.Split(' '))
        .Where(words => words is ["start", ..])
        .Select(words => new RecordedStart(RunId.Parse(words[2]), JobId.Parse(words[1]), int.Parse(words[5], CultureInfo.InvariantCulture),
            long.Parse(words[3], CultureInfo.InvariantCulture), node.Pid,
            Instant.FromMicros(long.Parse(words[4], CultureInfo.InvariantCulture))));

    /// <summary>Returns the account of the last hour.</summary>
    public Task<AuditReport> AuditAsync() =>
        Store.AuditAsync(Store.Clock.GetUtcNow().AddHours(-1), null, Language.English, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in all) node.Dispose();
        await Store.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
