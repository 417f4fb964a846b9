using Escapement;
using Escapement.Jobs;
using Escapement.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

var builder = WebApplication.CreateBuilder(args);

// snippet
builder.AddEscapement(scheduler => scheduler.UsePostgreSql("Host=db;Database=shop;Username=shop"));
// end

var app = builder.Build();
await app.RunAsync();

static class Orders
{
    // snippet
    static async Task AcceptAsync(NpgsqlDataSource database, IJobStore store, long order, CancellationToken stop)
    {
        await using var connection = await database.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using var insert = new NpgsqlCommand("insert into orders(number) values ($1)", connection, transaction)
        {
            Parameters = { new() { Value = order } },
        };
        await insert.ExecuteNonQueryAsync(stop);
        await store.In(transaction).EnqueueAsync([new() { Job = JobId.Parse("order-mail") }], stop);
        await transaction.CommitAsync(stop);
    }
    // end

    // snippet
    static async Task AcceptAsync(ShopDb shop, IJobStore store, Order order, CancellationToken stop)
    {
        await using var transaction = await shop.Database.BeginTransactionAsync(stop);
        shop.Orders.Add(order);
        await shop.SaveChangesAsync(stop);
        await store.In(transaction.GetDbTransaction()).EnqueueAsync([new() { Job = JobId.Parse("order-mail") }], stop);
        await transaction.CommitAsync(stop);
    }
    // end
}

sealed class ShopDb : DbContext
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.UseNpgsql("Host=db;Database=shop;Username=shop");
}

sealed class Order
{
    public long Id { get; set; }
}
