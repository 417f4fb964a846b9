using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>Jobs and runs as a part of a transaction of Entity Framework Core, beside a program that runs them.</summary>
public sealed class EntityFrameworkTests : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static int count;

    readonly string schema = $"ef{Interlocked.Increment(ref count)}";
    readonly ConcurrentQueue<long> mailed = [];
    readonly TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
    IHost host = null!;

    public async ValueTask InitializeAsync()
    {
        await CreateShopAsync("postgres");
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["SCHEDULER_SCHEMA"] = schema });
        builder.Logging.ClearProviders();
        builder.AddEscapementCore(scheduler =>
        {
            scheduler.UsePostgreSql(Server.Current.ConnectionString);
            scheduler.Add("mail", (long order) =>
            {
                mailed.Enqueue(order);
                ran.TrySetResult();
            });
        });
        host = builder.Build();
        await host.StartAsync();
    }

    IJobStore Store => host.Services.GetRequiredService<IJobStore>();

    [Fact]
    public async Task A_run_exists_and_a_node_runs_it_exactly_if_its_order_is_committed()
    {
        await InTransactionAsync(commits: false, (shop, jobs) => OrderAsync(shop, jobs, 1));
        await InTransactionAsync(commits: true, (shop, jobs) => OrderAsync(shop, jobs, 2));

        await ran.Task.WaitAsync(Limit, TimeProvider.System);
        Assert.Equal([2], mailed);
        Assert.Equal("2", await OrdersAsync());

        async Task OrderAsync(Shop shop, IJobChanges jobs, long number)
        {
            shop.Orders.Add(new() { Number = number });
            await shop.SaveChangesAsync();
            var enqueued = await jobs.EnqueueAsync(
                [new() { Job = JobId.Parse("mail"), Arguments = new("[]", $$"""{"order": {{number}}}"""), Key = $"order-{number}" }], default);
            Assert.False(Assert.Single(enqueued).Existing);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_is_added_changed_and_removed_exactly_if_its_order_is_committed(bool commits)
    {
        var (changed, removed) = (JobId.Parse("changed"), JobId.Parse("removed"));
        await Store.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("changed")), JobEdits.Add(NewJob("removed"))] }, default);

        await InTransactionAsync(commits, async (shop, jobs) =>
        {
            shop.Orders.Add(new() { Number = 3 });
            await jobs.ChangeAsync(new()
            {
                Jobs =
                [
                    JobEdits.Add(NewJob("added")), JobEdits.Change(changed, job => job with { Name = "another name" }), JobEdits.Remove(removed),
                ],
            }, default);
            await shop.SaveChangesAsync();

            // The transaction reads its own changes, and the rest of the world does not.
            Assert.False(await ExistsAsync("added"));
            await jobs.ChangeAsync(new() { Jobs = [JobEdits.Pause(JobId.Parse("added"))] }, default);
        });

        Assert.Equal(commits ? "3" : "", await OrdersAsync());
        Assert.Equal(commits, await ExistsAsync("added"));
        Assert.Equal(commits ? "another name" : "changed", (await FindAsync("changed"))!.Job.Name);
        Assert.Equal(!commits, await ExistsAsync("removed"));
    }

    [Fact]
    public async Task A_node_runs_a_job_that_was_added_in_a_transaction()
    {
        await InTransactionAsync(commits: true, async (shop, jobs) =>
        {
            var due = NewJob("reminder") with
            {
                Handler = "mail",
                Trigger = new DateTrigger(DateTimeOffset.UtcNow, ZoneClock.Utc),
                Arguments = new("[]", """{"order": 4}"""),
                Options = new() { MisfireGrace = MisfireGrace.Unlimited },
            };
            shop.Orders.Add(new() { Number = 4 });
            await shop.SaveChangesAsync();
            await jobs.ChangeAsync(new() { Jobs = [JobEdits.Add(due)] }, default);
        });

        await ran.Task.WaitAsync(Limit, TimeProvider.System);
        Assert.Equal([4], mailed);
    }

    [Fact]
    public async Task A_rejected_change_leaves_the_transaction_of_the_context_usable()
    {
        await InTransactionAsync(commits: true, async (shop, jobs) =>
        {
            shop.Orders.Add(new() { Number = 5 });
            await shop.SaveChangesAsync();
            await Assert.ThrowsAsync<JobNotFoundException>(() => jobs.EnqueueAsync([new() { Job = JobId.Parse("nothing") }], default));
            shop.Orders.Add(new() { Number = 6 });
            await shop.SaveChangesAsync();
        });

        Assert.Equal("5 6", await OrdersAsync());
    }

    [Fact]
    public async Task A_transaction_of_another_database_is_refused()
    {
        // The other database has a store of the same name, in which the run would be lost.
        var other = $"other_{schema}";
        await Server.Current.ExecuteAsync($"create database {other}");
        await CreateShopAsync(other);
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(Server.Current.For(other, "postgres"));
        await using PostgreSqlStore twin = new(new(database, TimeSpan.FromSeconds(15)) { Schema = schema }, TimeProvider.System);
        await twin.OpenAsync("other", default);
        await twin.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("mail"))] }, default);

        await using (var shop = ShopOf(other))
        {
            await using var transaction = await shop.Database.BeginTransactionAsync();
            shop.Orders.Add(new() { Number = 7 });
            await shop.SaveChangesAsync();
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
                Store.In(transaction.GetDbTransaction()).EnqueueAsync([new() { Job = JobId.Parse("mail") }], default));
            Assert.Contains($"/{other}, but the store is in the database 127.0.0.1:{Server.Current.Port}/postgres", refused.Message, StringComparison.Ordinal);
            await transaction.CommitAsync();
        }

        Assert.Equal("7", await OrdersAsync(other));
        await using var waiting = database.CreateCommand($"select count(*) from {schema}.waiting");
        Assert.Equal(0L, await waiting.ExecuteScalarAsync());
    }

    /// <summary>Does work in a transaction of a context, as a program does.</summary>
    async Task InTransactionAsync(bool commits, Func<Shop, IJobChanges, Task> work)
    {
        await using var shop = ShopOf("postgres");
        await using var transaction = await shop.Database.BeginTransactionAsync();
        await work(shop, Store.In(transaction.GetDbTransaction()));
        if (commits) await transaction.CommitAsync();
        else await transaction.RollbackAsync();
    }

    /// <summary>Returns the numbers of the committed orders, separated by spaces.</summary>
    async Task<string> OrdersAsync(string database = "postgres")
    {
        await using var shop = ShopOf(database);
        return string.Join(' ', await shop.Orders.Select(order => order.Number).Order().ToListAsync());
    }

    async Task<StoredJob?> FindAsync(string id) => (await Store.JobsAsync(new() { Id = JobId.Parse(id) }, default)).Jobs.SingleOrDefault();

    async Task<bool> ExistsAsync(string id) => await FindAsync(id) is { Ended: null };

    async Task CreateShopAsync(string database)
    {
        await Server.Current.ExecuteInAsync(database, $"create schema shop_{schema}");
        await Server.Current.ExecuteInAsync(database, $"""create table shop_{schema}."Orders"("Number" bigint primary key)""");
    }

    Shop ShopOf(string database)
    {
        NpgsqlConnectionStringBuilder connection = new(Server.Current.For(database, "postgres")) { SearchPath = $"shop_{schema}" };
        return new(new DbContextOptionsBuilder<Shop>().UseNpgsql(connection.ConnectionString).Options);
    }

    static Job NewJob(string id) => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = "work",
        Options = new(),
    };

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder) =>
            modelBuilder.Entity<Order>().HasKey(order => order.Number);
    }

    sealed class Order
    {
        public long Number { get; set; }
    }
}
