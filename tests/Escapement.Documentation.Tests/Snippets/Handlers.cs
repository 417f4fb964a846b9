using Escapement;
using Microsoft.EntityFrameworkCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDbContext<ShopDb>();
builder.AddEscapement(scheduler =>
{
    // snippet
    scheduler.Add("clean-up", Every.Hours(1), async (ShopDb db, CancellationToken cancellationToken) =>
        await db.Carts.Where(cart => cart.Expired).ExecuteDeleteAsync(cancellationToken));
    scheduler.Add<InvoiceHandler>("invoices", "0 6 1 * *");             // class InvoiceHandler : IJobHandler
    // end
});
builder.Build().Run();

sealed class ShopDb : DbContext
{
    public DbSet<Cart> Carts => Set<Cart>();
}

sealed class Cart
{
    public int Id { get; set; }

    public bool Expired { get; set; }
}

sealed class InvoiceHandler(ShopDb db) : IJobHandler
{
    public async Task RunAsync(JobContext context, CancellationToken cancellationToken) => await db.SaveChangesAsync(cancellationToken);
}
