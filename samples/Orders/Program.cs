// A web API that sends a single mail for each order, however often the order is confirmed.
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<IMail, LoggedMail>();
builder.AddEscapement(scheduler =>
{
    scheduler.Add<OrderMailHandler>("order-mail").KeyLasts();
    scheduler.Add("report", "0 9 * * mon-fri", (ILogger<Program> log) => log.LogInformation("The report is written."));
});
var app = builder.Build();
app.MapEscapement();
app.MapPost("/orders/{id:int}/confirm", (int id, string to, IScheduler scheduler) =>
    scheduler.RunAsync("order-mail", new OrderMail(id, to), key: $"order-{id}"));
app.MapGet("/mails/{id}", async (string id, IScheduler scheduler) => await scheduler.FindRunAsync(id) is { } run
    ? Results.Ok(new { State = $"{run.State}", Outcome = $"{run.Outcome}", run.Error })
    : Results.NotFound());
app.Run();

sealed record OrderMail(int OrderId, string To);

sealed class OrderMailHandler(IMail mail) : IJobHandler<OrderMail>
{
    public Task RunAsync(OrderMail args, JobContext context, CancellationToken cancellationToken) =>
        mail.SendAsync(args.To, $"Order {args.OrderId}", cancellationToken);
}

interface IMail
{
    Task SendAsync(string to, string subject, CancellationToken cancellationToken);
}

sealed class LoggedMail(ILogger<LoggedMail> log) : IMail
{
    public Task SendAsync(string to, string subject, CancellationToken cancellationToken)
    {
        log.LogInformation("Mail to {To}: {Subject}", to, subject);
        return Task.CompletedTask;
    }
}
