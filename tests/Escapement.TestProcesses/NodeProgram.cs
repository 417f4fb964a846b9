using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;

namespace Escapement.TestProcesses;

/// <summary>
/// The program that the trials kill, stop and query.
/// The program runs load jobs and writes a journal line for each start of a handler.
/// </summary>
static partial class NodeProgram
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;
        if (builder.Configuration["group"] is { } group) _ = setpgid(0, int.Parse(group, CultureInfo.InvariantCulture));
        if (builder.Configuration["orders"] is { } orders) builder.Services.AddSingleton<TimeProvider>(new TroubledClock(orders));
        var load = builder.Configuration.GetValue("load", 0);
        var busy = builder.Configuration.GetValue("busy", 0);
        builder.Logging.ClearProviders();

        // NodeProcess recognizes the events by their ids and fields.
        builder.Logging.AddJsonConsole(console =>
            console.JsonWriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Escapement", LogLevel.Debug);
        using var journal = new Journal(builder.Configuration["journal"] ?? throw new ArgumentException("--journal is missing."));
        var start = DateTimeOffset.UnixEpoch;
        builder.AddEscapement(scheduler =>
        {
            scheduler.Configure(options =>
                options.Executors = new Dictionary<string, ExecutorOptions> { ["default"] = new(200), ["busy"] = new(500) });
            scheduler.Handler("note", (JobContext context) => journal.Started(context));
            scheduler.Handler("long", async (JobContext context, double seconds, CancellationToken cancellationToken) =>
            {
                journal.Started(context);
                await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
                journal.Ended(context);
            });
            scheduler.Handler("stubborn", async (JobContext context, string until) =>
            {
                journal.Started(context);
                while (!File.Exists(until)) await Task.Delay(20, CancellationToken.None);
                journal.Ended(context);
            });
            for (var i = 0; i < load; i++)
            {
                // Each job fires once a second, and the jobs are spread evenly over the second.
                // All processes use the same grid.
                var first = start + TimeSpan.FromMilliseconds(1000.0 * i / load);
                scheduler.Add($"load-{i:000}", TriggerBuilder.Interval(TimeSpan.FromSeconds(1), first), (JobContext context) =>
                    journal.Started(context));
            }

            for (var i = 0; i < busy; i++)
            {
                scheduler.Add($"busy-{i:0000}", TriggerBuilder.Interval(TimeSpan.FromMilliseconds(50), start), () =>
                    ValueTask.CompletedTask).Executor("busy");
            }
        });
        var app = builder.Build();
        app.MapEscapement();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Escapement.TestProcesses");
        app.Lifetime.ApplicationStarted.Register(() => Serving(log));
        await app.RunAsync();
        return 0;
    }

    [LoggerMessage((int)LogEvent.Serving, LogLevel.Information, "The test program serves.")]
    private static partial void Serving(ILogger logger);

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int setpgid(int pid, int group);
}

/// <summary>
/// The journal of the handlers. Each line contains start or end, the job, the run, the token, the instant in microseconds and
/// the attempt. A line is written before the handler continues.
/// </summary>
sealed class Journal(string path) : IDisposable
{
    readonly Lock gate = new();
    readonly StreamWriter file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    public void Started(JobContext context) => Write("start", context);

    public void Ended(JobContext context) => Write("end", context);

    void Write(string what, JobContext context)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{what} {context.Job} {context.Run} {context.FencingToken} {Micros(DateTimeOffset.UtcNow)} {context.Attempt}");
        lock (gate) file.WriteLine(line);
    }

    public static long Micros(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public void Dispose() => file.Dispose();
}
