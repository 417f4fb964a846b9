using Escapement;
using Escapement.Jobs;
using Escapement.Stores;
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
}
