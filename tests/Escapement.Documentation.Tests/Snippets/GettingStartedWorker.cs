// snippet
using Escapement;

var builder = Host.CreateApplicationBuilder(args);
builder.AddEscapement(scheduler =>
{
    scheduler.Add("report", "0 9 * * mon-fri", (ILogger<Program> log) => log.LogInformation("The report is written."));
    scheduler.Add("poll", Every.Seconds(2), (ILogger<Program> log) => log.LogInformation("Nothing new."));
});
builder.Build().Run();
// end
