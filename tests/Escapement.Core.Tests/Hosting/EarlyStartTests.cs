using Escapement.Core.Tests.Engine;
using Escapement.Engine;
using Escapement.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of jobs that are due while the application is starting.</summary>
public sealed class EarlyStartTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly List<string> lines = [];
    readonly TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);

    IHost Make(Func<IServiceProvider, Task> prepare, bool early = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" });
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<IHostedService>(services => new Migration(() => prepare(services)));
        builder.Services.AddEscapementCore(scheduler =>
        {
            scheduler.UseMemory().Configure(options => options.StartEarly = early);
            scheduler.Add("tick", Every.Seconds(1), () => ran.TrySetResult());
        });
        return builder.Build();
    }

    static NodeState StateOf(IServiceProvider services) => services.GetRequiredService<ThisNode>().State;

    async Task PassAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            for (var turn = 0; turn < 20; turn++) await Task.Yield();
        }
    }

    async Task UntilRanAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!ran.Task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            await PassAsync(1);
        }
    }

    [Fact]
    public async Task A_job_starts_after_the_application_has_started_although_the_process_is_active_before()
    {
        var (wasActive, ranBefore) = (false, true);
        using var host = Make(async services =>
        {
            await PassAsync(4);
            (wasActive, ranBefore) = (StateOf(services) is NodeState.Active, ran.Task.IsCompleted);
        });
        await host.StartAsync().WaitAsync(Limit);
        Assert.Equal((true, false), (wasActive, ranBefore));
        await UntilRanAsync();
        await host.StopAsync().WaitAsync(Limit);
    }

    [Fact]
    public async Task With_StartEarly_a_job_starts_while_the_application_is_starting()
    {
        using var host = Make(_ => UntilRanAsync(), early: true);
        await host.StartAsync().WaitAsync(Limit);
        await host.StopAsync().WaitAsync(Limit);
    }

    [Fact]
    public async Task An_application_whose_start_fails_runs_no_job()
    {
        var host = Make(async _ =>
        {
            await PassAsync(4);
            throw new InvalidOperationException("The migration failed.");
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync().WaitAsync(Limit));
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.False(ran.Task.IsCompleted);
    }

    [Fact]
    public async Task A_start_that_takes_longer_than_the_lease_is_told()
    {
        using var host = Make(async _ =>
        {
            using var limit = new CancellationTokenSource(Limit);
            while (!IsTold() && !limit.IsCancellationRequested) await PassAsync(1);
        });
        await host.StartAsync().WaitAsync(Limit);
        await host.StopAsync().WaitAsync(Limit);
        Assert.True(IsTold());
    }

    [Fact]
    public async Task Another_process_takes_over_from_an_application_that_does_not_start()
    {
        var folder = Directory.CreateTempSubdirectory("escapement-early-").FullName;
        await using var store = new TroubledStore(clock);
        TaskCompletionSource hang = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hung = MakeShared(() => hang.Task);
        var starting = hung.StartAsync();
        using var limit = new CancellationTokenSource(Limit);
        while (StateOf(hung.Services) is not NodeState.Active) await WaitAsync();
        while (!StateOf(hung.Services).Sentence.StartsWith("The application of this process has not started", StringComparison.Ordinal))
        {
            await WaitAsync();
        }

        using var healthy = MakeShared(() => Task.CompletedTask);
        await healthy.StartAsync().WaitAsync(Limit);
        while (!ran.Task.IsCompleted) await WaitAsync();
        Assert.True(StateOf(healthy.Services) is NodeState.Active);
        Assert.False(StateOf(hung.Services) is NodeState.Active);
        hang.SetResult();
        await starting.WaitAsync(Limit);
        await healthy.StopAsync().WaitAsync(Limit);
        while (StateOf(hung.Services) is not NodeState.Active) await WaitAsync();
        await hung.StopAsync().WaitAsync(Limit);
        Directory.Delete(folder, recursive: true);

        async Task WaitAsync()
        {
            limit.Token.ThrowIfCancellationRequested();
            await PassAsync(1);
        }

        IHost MakeShared(Func<Task> prepare)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests", ContentRootPath = folder });
            builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddEscapementCore(scheduler =>
            {
                scheduler.UseStore(_ => store).Configure(options => options.LockFile = Path.Combine(folder, "lock"));
                scheduler.Add("tick", Every.Seconds(1), () => ran.TrySetResult());
            });
            builder.Services.AddSingleton<IHostedService>(new Migration(prepare));
            return builder.Build();
        }
    }

    bool IsTold()
    {
        lock (lines) return lines.Any(line => line.StartsWith("The application has not started after", StringComparison.Ordinal));
    }

    sealed class Migration(Func<Task> prepare) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => prepare();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
