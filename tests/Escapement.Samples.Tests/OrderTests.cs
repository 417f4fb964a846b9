// snippet
using Escapement.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Samples.Tests;

public sealed class OrderTests(OrdersProgram program) : IClassFixture<OrdersProgram>
{
    [Fact]
    public async Task A_confirmed_order_has_a_single_mail()
    {
        using var client = program.CreateClient();
        await client.PostAsync("/orders/7/confirm?to=ada@example.org", null);
        await client.PostAsync("/orders/7/confirm?to=ada@example.org", null);
        await program.Test.AdvanceAsync(TimeSpan.Zero);
        program.Test.Asked("order-mail").Times(2).With(new { OrderId = 7, To = "ada@example.org" });
        program.Test.Ran("order-mail").Once().Succeeded();
    }
}

public sealed class OrdersProgram : WebApplicationFactory<Program>
{
    public SchedulerTest Test { get; } = new();

    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.ConfigureServices(services => Test.AddTo(services));
}
// end
