using System.Collections.Concurrent;
using Escapement.Core.Tests.Engine;
using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>
/// Tests of user code that throws unexpectedly. Only the run of the code fails, and the scheduler continues.
/// </summary>
public sealed class ThrowingCodeTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-throws-").FullName;
    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly TroubledStore store;
    IHost? host;

    public ThrowingCodeTests() => store = new(clock);

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.StopAsync().WaitAsync(Limit);
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
        await store.DisposeAsync();
    }

    async Task<IScheduler> StartAsync(Action<EscapementBuilder> jobs, params ILoggerProvider[] logs)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests", ContentRootPath = folder });
        builder.Logging.ClearProviders();
        foreach (var log in logs) builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddTransient<Fragile>();
        builder.Services.AddEscapementCore(scheduler =>
        {
            scheduler.UseStore(_ => store).Configure(options => options.LockFile = Path.Combine(folder, "lock"));
            scheduler.Add("fine", () => { });
            jobs(scheduler);
        });
        host = builder.Build();
        await host.StartAsync().WaitAsync(Limit);
        return host.Services.GetRequiredService<IScheduler>();
    }

    static async Task<RunInfo> RunAsync(IScheduler scheduler, string job) =>
        await (await scheduler.RunAsync(job)).EndAsync().WaitAsync(Limit);

    /// <summary>Runs as many failing runs as the executor has places, followed by a successful run.</summary>
    static async Task<RunInfo> FailAndGoOnAsync(IScheduler scheduler, string job)
    {
        RunInfo? last = null;
        for (var i = 0; i < 10; i++) last = await RunAsync(scheduler, job);
        Assert.Equal(Outcome.Succeeded, (await RunAsync(scheduler, "fine")).Outcome);
        return last!;
    }

    sealed class SpeechlessException : Exception
    {
        public override string Message => throw new InvalidOperationException("No words.");
    }

    [Fact]
    public async Task The_error_of_a_run_holds_the_messages_of_inner_exceptions()
    {
        var scheduler = await StartAsync(jobs => jobs.Add("save", void () => throw new InvalidOperationException(
            "See the inner exception for details.", new ArgumentException("UNIQUE constraint failed", Deep(100)))));
        Assert.StartsWith(
            "InvalidOperationException: See the inner exception for details. ---> ArgumentException: UNIQUE constraint failed ---> TimeoutException: 100",
            (await RunAsync(scheduler, "save")).Error, StringComparison.Ordinal);

        static Exception Deep(int level) => level == 0 ? new SpeechlessException() : new TimeoutException($"{level}", Deep(level - 1));
    }

    /// <summary>A service that throws on disposal.</summary>
    sealed class Fragile : IDisposable
    {
        public void Dispose() => throw new InvalidOperationException("Broken at disposal.");
    }

    /// <summary>A log that throws at a single level and keeps the lines of all other levels.</summary>
    sealed class Log(LogLevel throwsAt) : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            if (logLevel == throwsAt) throw new InvalidOperationException("The log's disk is full.");
            Lines.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public async Task An_exception_whose_message_throws_fails_its_run_alone_and_is_logged()
    {
        var log = new Log(LogLevel.None);
        var scheduler = await StartAsync(jobs => jobs.Add("speechless", () => { throw new SpeechlessException(); }), log);
        var run = await FailAndGoOnAsync(scheduler, "speechless");
        Assert.Equal((Outcome.Failed, "SpeechlessException, whose message cannot be read: InvalidOperationException"),
            (run.Outcome, run.Error));
        Assert.Contains(log.Lines, line => line.Contains("Job speechless failed", StringComparison.Ordinal)
            && line.Contains(nameof(SpeechlessException), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_throws_at_a_failed_run_costs_no_place_and_the_run_is_recorded()
    {
        var scheduler = await StartAsync(jobs =>
            jobs.Add("fails", () => { throw new InvalidOperationException("no"); }), new Log(LogLevel.Error));
        var run = await FailAndGoOnAsync(scheduler, "fails");
        Assert.Equal((Outcome.Failed, "InvalidOperationException: no"), (run.Outcome, run.Error));
    }

    [Fact]
    public async Task A_log_that_throws_while_the_store_is_away_does_not_end_the_claims()
    {
        var scheduler = await StartAsync(_ => { }, new Log(LogLevel.Warning));
        var refused = 0;
        store.Before = method =>
        {
            if (method != "Claim") return;
            Interlocked.Increment(ref refused);
            throw TroubledStore.Away;
        };
        var asked = await scheduler.RunAsync("fine");
        using var limit = new CancellationTokenSource(Limit);
        while (Volatile.Read(ref refused) < 2)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, limit.Token);
        }

        store.Before = _ => { };
        var end = asked.EndAsync(limit.Token);
        while (!end.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, limit.Token);
        }

        Assert.Equal(Outcome.Succeeded, (await end).Outcome);
        Assert.IsType<NodeState.Active>(host!.Services.GetRequiredService<ThisNode>().State);
    }

    [Fact]
    public async Task A_log_that_throws_is_told_to_the_other_logs_once()
    {
        var other = new Log(LogLevel.None);
        var scheduler = await StartAsync(jobs =>
            jobs.Add("fails", () => { throw new InvalidOperationException("no"); }), new Log(LogLevel.Error), other);
        await FailAndGoOnAsync(scheduler, "fails");
        Assert.Contains("The log's disk is full.",
            Assert.Single(other.Lines, line => line.Contains("log provider", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_fails_at_its_disposal_fails_the_run_alone()
    {
        var scheduler = await StartAsync(jobs => jobs.Add("fragile", (Fragile _) => { }));
        var run = await FailAndGoOnAsync(scheduler, "fragile");
        Assert.Equal((Outcome.Failed, "InvalidOperationException: Broken at disposal."), (run.Outcome, run.Error));
    }

    [Fact]
    public async Task A_service_that_fails_at_its_disposal_does_not_hide_why_the_handler_failed()
    {
        var log = new Log(LogLevel.None);
        var scheduler = await StartAsync(jobs =>
            jobs.Add("fragile", (Fragile _) => { throw new FormatException("The file is cut off."); }), log);
        var run = await FailAndGoOnAsync(scheduler, "fragile");
        Assert.Equal((Outcome.Failed, "FormatException: The file is cut off."), (run.Outcome, run.Error));
        Assert.Contains(log.Lines, line => line.Contains("Broken at disposal.", StringComparison.Ordinal));
    }
}
