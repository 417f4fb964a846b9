// A worker service that removes expired carts with EF Core. Each run has a DbContext of its own.
using Escapement;
using Microsoft.EntityFrameworkCore;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddDbContext<Shop>(options => options.UseSqlite($"Data Source={builder.Environment.ContentRootPath}/shop.db"));
builder.AddEscapement(scheduler => scheduler.Add("clean-up", Every.Seconds(2), async (Shop shop, ILogger<Program> log) =>
{
    var removed = await shop.Carts.Where(cart => cart.Expires < DateTime.UtcNow).ExecuteDeleteAsync();
    log.LogInformation("{Removed} expired carts removed", removed);
}));
using var host = builder.Build();
using (var scope = host.Services.CreateScope()) scope.ServiceProvider.GetRequiredService<Shop>().Database.EnsureCreated();

await host.RunAsync();

sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
{
    public DbSet<Cart> Carts => Set<Cart>();
}

sealed class Cart
{
    public int Id { get; set; }

    public DateTime Expires { get; set; }
}
