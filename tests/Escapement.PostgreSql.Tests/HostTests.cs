using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>Programs as users write them: the engine over a database.</summary>
public sealed class HostTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static int count;

    readonly string schema = $"host{Interlocked.Increment(ref count)}";

    static string Connection => Server.Current.ConnectionString;

    [Fact]
    public async Task Two_programs_share_the_jobs_and_each_is_active()
    {
        using var one = Program(scheduler => scheduler.UsePostgreSql(Connection));
        using var two = Program(scheduler => scheduler.UsePostgreSql(Connection));
        await one.StartAsync();
        await two.StartAsync();
        var scheduler = one.Services.GetRequiredService<IScheduler>();

        var runs = await scheduler.RunManyAsync(
            [.. Enumerable.Range(0, 20).Select(_ => new RunRequest { Job = JobId.Parse("mail"), Watched = true })]);
        foreach (var run in runs)
        {
            var ended = await run.EndAsync().WaitAsync(Limit, TimeProvider.System);
            Assert.Equal(Outcome.Succeeded, ended.Outcome);
        }

        // A process that is busy for a second does not answer in time.
        using CancellationTokenSource limit = new(Limit);
        IReadOnlyList<NodeInfo> nodes = [];
        while (nodes.Count < 2) nodes = await two.Services.GetRequiredService<IScheduler>().NodesAsync(limit.Token);
        Assert.Equal(["active", "active"], nodes.Select(node => node.Role));
        await two.StopAsync();
        await one.StopAsync();
    }

    [Fact]
    public async Task Each_program_takes_the_runs_of_the_executors_that_it_serves()
    {
        const string Executors = """{"default": {"type": "threadpool"}, "gpu": {"type": "threadpool"}}""";
        ConcurrentQueue<(string Program, string Job)> ran = [];
        using var web = Of("web", "default");
        using var worker = Of("worker", "gpu");
        await web.StartAsync();
        await worker.StartAsync();

        // Each program asks for runs of the executor of its neighbour.
        var runs = await web.Services.GetRequiredService<IScheduler>().RunManyAsync([.. Requests("train")]);
        var others = await worker.Services.GetRequiredService<IScheduler>().RunManyAsync([.. Requests("mail")]);
        foreach (var run in runs.Concat(others))
            Assert.Equal(Outcome.Succeeded, (await run.EndAsync().WaitAsync(Limit, TimeProvider.System)).Outcome);

        Assert.Equal([("web", "mail", 10), ("worker", "train", 10)],
            ran.GroupBy(run => run).Select(group => (group.Key.Program, group.Key.Job, group.Count())).Order());
        await worker.StopAsync();
        await web.StopAsync();

        IEnumerable<RunRequest> Requests(string job) =>
            Enumerable.Range(0, 10).Select(_ => new RunRequest { Job = JobId.Parse(job), Watched = true });

        IHost Of(string program, string served) => Program(scheduler =>
            {
                scheduler.UsePostgreSql(Connection);
                scheduler.Add("train", () => ran.Enqueue((program, "train"))).Executor("gpu");
            },
            new() { ["SCHEDULER_EXECUTORS"] = Executors, ["SCHEDULER_SERVE_EXECUTORS"] = $"""["{served}"]""" },
            mail: () => ran.Enqueue((program, "mail")));
    }

    [Theory]
    [InlineData("""["gpus"]""", false, "names the executor 'gpus', which EXECUTORS does not have.")]
    [InlineData("[]", false, "SERVE_EXECUTORS is empty.")]
    [InlineData("7", false, "SERVE_EXECUTORS")]
    [InlineData("""["default"]""", true, "a single process at a time is active")]
    public async Task Served_executors_that_leave_runs_behind_are_refused(string served, bool isSingle, string says)
    {
        Dictionary<string, string?> settings = new()
        {
            ["SCHEDULER_SERVE_EXECUTORS"] = served,
            ["SCHEDULER_SINGLE_ACTIVE"] = isSingle ? "true" : "false",
        };
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var host = Program(scheduler => scheduler.UsePostgreSql(Connection), settings);
            await host.StartAsync();
        });
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCHEDULER_STORE"), InlineData("SCHEDULER_JOBSTORES"), InlineData("ConnectionStrings"), InlineData("named")]
    public async Task The_settings_choose_the_database(string key)
    {
        Dictionary<string, string?> settings = key switch
        {
            "SCHEDULER_STORE" => new() { [key] = Connection },
            "SCHEDULER_JOBSTORES" => new() { [key] = $$$"""{"default": {"type": "postgresql", "url": "{{{Address}}}"}}""" },
            "ConnectionStrings" => new() { ["SCHEDULER_STORE"] = "postgresql", ["ConnectionStrings:Escapement"] = Connection },
            _ => new()
            {
                ["SCHEDULER_JOBSTORES"] = """{"default": {"type": "postgresql", "url": "Main"}}""",
                ["ConnectionStrings:Main"] = Connection,
            },
        };
        using var host = Program(_ => { }, settings);

        var store = Assert.IsType<PostgreSqlStore>(host.Services.GetRequiredService<IJobStore>());

        Assert.Equal(("postgresql", "the database", $"127.0.0.1:{Server.Current.Port}/postgres schema {schema}"),
            (store.Place.Kind, store.Place.Scope, store.Place.Name));
        await host.StartAsync();
        await host.StopAsync();
    }

    [Fact]
    public async Task A_registered_source_is_used()
    {
        await using var source = NpgsqlDataSource.Create(Connection);
        using var host = Program(scheduler => scheduler.UsePostgreSql(), services: services => services.AddSingleton(source));
        Assert.IsType<PostgreSqlStore>(host.Services.GetRequiredService<IJobStore>());
    }

    [Theory, InlineData(""), InlineData(" ")]
    public void An_empty_connection_is_refused_where_it_is_given(string text) =>
        Assert.Throws<ArgumentException>("connection", () => Program(scheduler => scheduler.UsePostgreSql(text)));

    [Fact]
    public void Code_changes_the_options_of_the_store()
    {
        PostgreSqlStoreOptions? changed = null;
        using var host = Program(scheduler => scheduler.UsePostgreSql(Connection,
            options => changed = options with { MaxSessions = 16, LockWait = TimeSpan.FromSeconds(1) }));
        Assert.IsType<PostgreSqlStore>(host.Services.GetRequiredService<IJobStore>());
        Assert.Equal((16, schema), (changed!.Sessions, changed.Schema));
    }

    [Theory]
    [InlineData("Host=db;Pasword=secret", "Pasword"), InlineData("postgresql://", "no host"),
        InlineData("Nowhere", "ConnectionStrings:Nowhere"), InlineData("Host=db;Port=secret", "cannot be read")]
    public void A_connection_that_cannot_be_read_is_told_without_its_password(string connection, string says)
    {
        using var host = Program(scheduler => scheduler.UsePostgreSql(connection));
        var told = Assert.Throws<SettingsException>(() => host.Services.GetRequiredService<IJobStore>());
        Assert.Contains(says, told.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_that_is_no_name_is_told()
    {
        using var host = Program(scheduler => scheduler.UsePostgreSql(Connection), new() { ["SCHEDULER_SCHEMA"] = "Shop Jobs" });
        var told = Assert.Throws<SettingsException>(() => host.Services.GetRequiredService<IJobStore>());
        Assert.Contains("SCHEMA is 'Shop Jobs'", told.Message, StringComparison.Ordinal);
    }

    static string Address => $"postgresql://postgres@127.0.0.1:{Server.Current.Port}/postgres?connect_timeout=5";

    [Fact]
    public async Task A_run_whose_arguments_one_version_of_a_program_cannot_read_waits_for_the_other()
    {
        Dictionary<string, string?> settings = new() { ["SCHEDULER_LEASE"] = "3" };
        ConcurrentQueue<string> ran = [];
        using var old = Program(scheduler => Letters(scheduler, (int number) => ran.Enqueue("old")), settings);
        using var next = Program(scheduler => Letters(scheduler, (string text) => ran.Enqueue(text)), settings);
        await old.StartAsync();
        await next.StartAsync();

        // Ask the old program, whose handler is not compared with the arguments, through its store.
        var store = old.Services.GetRequiredService<IJobStore>();
        var run = Assert.Single(await store.EnqueueAsync([Letter("\"a\"")], default)).Run;
        foreach (var letter in await next.Services.GetRequiredService<IScheduler>().RunManyAsync(
            [.. Enumerable.Range(0, 20).Select(_ => Letter("\"b\"", watched: true))]))
        {
            Assert.Equal(Outcome.Succeeded, (await letter.EndAsync().WaitAsync(Limit, TimeProvider.System)).Outcome);
        }

        Assert.Equal(Outcome.Succeeded, (await EndedAsync(store, run)).Outcome);
        Assert.DoesNotContain("old", ran);
        await next.StopAsync();

        // No other version is left that could read the arguments.
        var failed = await EndedAsync(store, Assert.Single(await store.EnqueueAsync([Letter("\"c\"")], default)).Run);
        Assert.Equal(Outcome.Failed, failed.Outcome);
        Assert.Contains("The argument number is \"c\", which cannot be read as", failed.Error, StringComparison.Ordinal);
        await old.StopAsync();

        static RunRequest Letter(string argument, bool watched = false) =>
            new() { Job = JobId.Parse("letter"), Arguments = new($"[{argument}]", "{}"), Watched = watched };

        static void Letters(EscapementBuilder scheduler, Delegate handler)
        {
            scheduler.UsePostgreSql(Connection);
            scheduler.Add("letter", handler).MaxInstances(30);
        }
    }

    static async Task<Run> EndedAsync(IJobStore store, RunId id)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            if ((await store.RunsAsync(new() { Id = id }, limit.Token)).Runs is [{ State: RunState.Ended } run]) return run;
            await Task.Yield();
        }
    }

    IHost Program(Action<EscapementBuilder> configure, Dictionary<string, string?>? settings = null,
        Action<IServiceCollection>? services = null, Action? mail = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["SCHEDULER_SCHEMA"] = schema });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        services?.Invoke(builder.Services);
        builder.AddEscapementCore(scheduler =>
        {
            scheduler.Add("mail", mail ?? (() => { }));
            configure(scheduler);
        });
        return builder.Build();
    }
}
