// snippet
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler =>
    scheduler.Add("report", "0 9 * * mon-fri", (ILogger<Program> log) => log.LogInformation("The report is written.")));
var app = builder.Build();
app.MapEscapement();                                                // the REST API, under /scheduler
app.Run();
// end
