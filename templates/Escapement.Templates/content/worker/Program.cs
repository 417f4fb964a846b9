using Escapement;
using TemplateNamespace;

var builder = Host.CreateApplicationBuilder(args);
builder.AddEscapement(scheduler =>
{
    scheduler.Add<ReportHandler>("report", "0 9 * * mon-fri");
    scheduler.Add("poll", Every.Seconds(5), (ILogger<Program> log) => log.LogInformation("Nothing new."));
});
builder.Build().Run();
