using Escapement;
using TemplateNamespace;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler =>
{
    scheduler.Add("report", "0 9 * * mon-fri", (ILogger<Program> log) => log.LogInformation("The report is written."));
    scheduler.Add<OrderMailHandler>("order-mail").KeyLasts();
});
var app = builder.Build();
app.MapEscapement();                                                // the REST API, under /scheduler
app.MapPost("/orders/{id:int}/mail", (int id, string to, IScheduler scheduler) =>
    scheduler.RunAsync("order-mail", new OrderMail(id, to), key: $"order-{id}"));
app.Run();
