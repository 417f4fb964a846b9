// snippet
using Escapement;
using Escapement.Ledger;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Samples.Tests;

public sealed class OrderTests(OrdersProgram program) : IClassFixture<OrdersProgram>
{
    [Fact]
    public async Task A_confirmed_order_has_a_single_mail()
    {
        using var client = program.CreateClient();
        await client.PostAsync("/orders/7/confirm?to=ada@example.org", null);
        var again = await client.PostAsync("/orders/7/confirm?to=ada@example.org", null);
        Assert.Contains("\"existing\":true", await again.Content.ReadAsStringAsync());
        var scheduler = program.Services.GetRequiredService<IScheduler>();
        var run = await scheduler.RunAsync("order-mail", new { orderId = 7, to = "ada@example.org" }, key: "order-7");
        Assert.Equal(Outcome.Succeeded, (await run.EndAsync()).Outcome);
    }
}

public sealed class OrdersProgram : WebApplicationFactory<Program>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.ConfigureServices(services =>
        services.AddEscapement(scheduler => scheduler.UseMemory().Configure(options => options.StartInTestHost = true)));
}
// end
