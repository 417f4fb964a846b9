// What the tests of --workers start: a web program without a scheduler, that does as it is asked.
using System.Globalization;
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;

// One that does not start while there is a file: --fails-with FILE.
if (File.Exists(builder.Configuration["fails-with"])) return 3;

var app = builder.Build();
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/args", () => args);
app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Keys.Cast<string>());
app.MapPost("/exit/{code:int}", (int code) => Environment.Exit(code));
app.MapPost("/stop", (IHostApplicationLifetime lifetime) => lifetime.StopApplication());

// One that takes its time to end: --drain SECONDS.
if (builder.Configuration["drain"] is { } seconds)
{
    app.Lifetime.ApplicationStopping.Register(() =>
        Task.Delay(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))).Wait());
}

await app.RunAsync();
return 0;
