// The program that the tests of --workers start: a web program without a scheduler.
using System.Globalization;
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;

// --fails-with FILE: the program fails to start while the file exists.
if (File.Exists(builder.Configuration["fails-with"])) return 3;

var app = builder.Build();
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/args", () => args);
app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Keys.Cast<string>());
app.MapPost("/exit/{code:int}", (int code) => Environment.Exit(code));
app.MapPost("/stop", (IHostApplicationLifetime lifetime) => lifetime.StopApplication());

// --drain SECONDS: the shutdown takes the given time.
if (builder.Configuration["drain"] is { } seconds)
{
    app.Lifetime.ApplicationStopping.Register(() =>
        Task.Delay(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))).Wait());
}

await app.RunAsync();
return 0;
