// Three jobs about the machine they run on. Start it once or several times: each fire time runs once.
using Escapement;
using Escapement.Leadership;
using Escapement.Stores;
using Quickstart;

try
{
    var builder = WebApplication.CreateBuilder(args);
    builder.Configuration["urls"] ??= "http://127.0.0.1:5080";
    if (builder.Configuration["store"] is { } store) builder.Configuration["Escapement:Store"] = store;     // --store "Host=..."

    // Logs runs, not requests. A startup error is printed below in a sentence, so the host's own log of the error is
    // suppressed.
    builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

    var data = DataFolder.Open(builder.Configuration["data"]);
    builder.Services.AddSingleton(data).AddSingleton<SampleDatabase>().AddSingleton<Sampler>().AddSingleton<Reporter>()
        .AddSingleton<Backups>();

    builder.AddEscapement(scheduler =>                                                                      // line one
    {
        scheduler.Configure(data.KeepStore);
        scheduler.Add("sample", Every.Seconds(2), (Sampler sampler, JobContext run) => sampler.Take(run.FireTime))
            .Description("Measures load, memory and disk");
        scheduler.Add("report", "* * * * *", (Reporter reporter, JobContext run) => reporter.Write(run.FireTime))
            .Description("Sums up the samples in report.md").Tags("files");
        scheduler.Add("backup", "*/5 * * * *", (Backups backups, JobContext run) => backups.Make(run.FireTime))
            .Description("Copies the samples' database").Tags("files").Priority(10);
    });
    if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;                               // --workers N

    var app = builder.Build();
    app.MapGet("/", () => Results.Content(Links.Page, "text/html; charset=utf-8"));
    app.MapEscapement();                                                                                    // line two
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (
    e is SettingsException or StoreRefusedException or LockRefusedException or IOException or FormatException or ArgumentException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    // Cancelled during startup.
    return 0;
}
