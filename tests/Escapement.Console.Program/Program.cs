// A program with a usual start, and with a mistake on request: --mistake NAME.
using Escapement;
using Escapement.Console.Program;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration.GetValue<double?>("hours-ahead") is { } hours)
    builder.Services.AddSingleton<TimeProvider>(new ClockAhead(TimeSpan.FromHours(hours)));
builder.AddEscapement(scheduler =>
{
    scheduler.Add("report", "0 9 * * mon-fri", () => { });
    scheduler.Handler("jobs:hello", (string name) => { });
    switch (builder.Configuration["mistake"])
    {
        case "parameter":
            scheduler.Add("mail", "0 10 * * *", (IMail mail) => mail.Send());
            break;

        case "constructor":
            scheduler.Add<MailHandler>("mail", "0 10 * * *");
            break;

        case "never":
            scheduler.Add("leap", "0 0 30 2 *", () => { });
            break;

        case "arguments":
            scheduler.Add("greet", "0 10 * * *", (string name, int count) => { });
            break;

        case "cron":
            scheduler.Add("greet", "0 25 * * *", () => { });
            break;

        case "twice":
            scheduler.Add("report", "0 10 * * *", () => { });
            break;

        case "long":
            scheduler.Add("long", Every.Seconds(1), (CancellationToken stop) =>
            {
                Console.WriteLine("The long run began.");
                return Task.Delay(Timeout.Infinite, stop);
            });
            break;

        case "often":
            scheduler.Add("often", Every.Minutes(20), () => { }).MisfireGrace(TimeSpan.FromSeconds(1));
            break;
    }
});
if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;

var app = builder.Build();
if (builder.Configuration["mistake"] != "unmapped") app.MapEscapement();
if (builder.Configuration["mistake"] == "before-start")
{
    try
    {
        await app.Services.GetRequiredService<IScheduler>().RunAsync("report");
    }
    catch (Exception e)
    {
        Console.Error.WriteLine($"{e.GetType().Name}: {e.Message}");
        return 1;
    }
}

await app.RunAsync();
return 0;
