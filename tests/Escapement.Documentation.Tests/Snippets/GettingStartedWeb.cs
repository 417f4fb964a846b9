// snippet
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler =>
{
    scheduler.Add("report", "0 9 * * mon-fri", (ILogger<Program> log) => log.LogInformation("The report is written."));
    scheduler.Add("order-mail", (int orderId, string to, ILogger<Program> log) =>
    {
        if (!to.Contains('@')) throw new FormatException($"'{to}' is not an address.");
        log.LogInformation("Mail to {To} about order {Order}", to, orderId);
    }).KeyLasts();
});
var app = builder.Build();
app.MapEscapement();                                                // the REST API, under /scheduler
app.MapPost("/orders/{id:int}/mail", (int id, string to, IScheduler scheduler) =>
    scheduler.RunAsync("order-mail", new { orderId = id, to }, key: $"order-{id}"));
app.Run();
// end
