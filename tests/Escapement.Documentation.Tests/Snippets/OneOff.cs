using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<IMail, NoMail>();
builder.AddEscapement(scheduler =>
{
    // snippet
    scheduler.Add("order-mail", (int orderId, string to, IMail mail) => mail.SendAsync(to, $"Order {orderId}")).KeyLasts();
    // end
});
var app = builder.Build();
// snippet
app.MapPost("/orders/{id:int}/mail", (int id, string to, IScheduler scheduler) =>
    scheduler.RunAsync("order-mail", new { orderId = id, to }, key: $"order-{id}"));
// end
app.Run();

interface IMail
{
    Task SendAsync(string to, string subject);
}

sealed class NoMail : IMail
{
    public Task SendAsync(string to, string subject) => Task.CompletedTask;
}
