using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler => scheduler.Add("report", "0 9 * * mon-fri", () => { }));
var app = builder.Build();
app.MapGet("/report/why", async (IScheduler scheduler) =>
{
    // snippet
    var why = await scheduler.WhyAsync("report", from: DateTimeOffset.UtcNow.AddDays(-7));
    Console.WriteLine(why.Account.Sentence);
    foreach (var item in why.Items) Console.WriteLine($"{item.Sentence} {item.Advice}");

    var audit = await scheduler.AuditAsync(from: DateTimeOffset.UtcNow.AddDays(-7));
    if (!audit.Account.Balanced) Console.WriteLine(audit.Imbalances[0].Sentence);
    // end
});
app.Run();
