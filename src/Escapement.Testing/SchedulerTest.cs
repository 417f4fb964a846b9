using System.Runtime.ExceptionServices;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Escapement.Testing;

/// <summary>A test of scheduled jobs: the real engine, with a store, on a clock that only the test advances.</summary>
/// <remarks>
/// All handlers and all work of the engine run one after the other, so the same test gives the same result each time. At each
/// instant the clock waits until nothing is left to do: a handler that awaits the <see cref="TimeProvider"/> of the container
/// waits for the clock, and a handler that awaits anything else is waited for in real time.
/// </remarks>
public sealed class SchedulerTest : IAsyncDisposable
{
    const int FirstPid = 4711;

    readonly SchedulerTestOptions options;
    readonly World world;
    readonly LocalLocks locks = new();
    readonly TestRecord record = new();
    readonly SharedStore shared;
    readonly List<TestNode> nodes = [];
    DirectoryInfo? folder;
    bool isDisposed;
    Action<EscapementBuilder>? declare;
    Action<IServiceCollection>? configure;

    /// <summary>Creates a test for hosts that the test builds itself: <see cref="AddTo"/> adds a host.</summary>
    /// <param name="options">The choices, or null for the defaults.</param>
    public SchedulerTest(SchedulerTestOptions? options = null)
    {
        this.options = options ?? new();
        world = new(this.options);
        Clock = new TestClock(world, null);
        shared = new(this.options.Store is { } make
            ? make(Clock, Folder)
            : new MemoryStore(Clock, this.options.EveryProcessActive ? ActiveNodes.Each : ActiveNodes.One));
    }

    /// <summary>Starts a process with the declared jobs, in an empty host without settings.</summary>
    /// <param name="declare">Declares jobs and handlers, as a program does.</param>
    /// <param name="services">Registers the services of the handlers, or null.</param>
    /// <param name="start">The time of the clock at the start, or null for the start in the options. Give only one of
    /// both.</param>
    /// <param name="options">The choices, or null for the defaults.</param>
    /// <exception cref="ArgumentException">Both <paramref name="start"/> and the start in the options are given.</exception>
    public static async Task<SchedulerTest> StartAsync(
        Action<EscapementBuilder> declare, Action<IServiceCollection>? services = null, DateTimeOffset? start = null,
        SchedulerTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(declare);
        options ??= new();
        if (start is { } given && options.StartIsGiven)
        {
            throw new ArgumentException(
                $"start is {Expectation.Text(given)} and options.Start is {Expectation.Text(options.Start)}; only one of both is allowed.", nameof(start));
        }

        var test = new SchedulerTest(start is { } at ? options with { Start = at } : options) { declare = declare, configure = services };
        try
        {
            await test.StartProcessAsync();
            return test;
        }
        catch (Exception)
        {
            await test.DisposeAsync();
            throw;
        }
    }

    /// <summary>The clock of the test. Handlers use the <see cref="TimeProvider"/> of their container.</summary>
    public TimeProvider Clock { get; }

    /// <summary>The time of the clock, in UTC.</summary>
    public DateTimeOffset Now => world.UtcNow;

    /// <summary>The processes of the test in the order of their starts, with those that have ended.</summary>
    public IReadOnlyList<TestNode> Processes => [.. nodes];

    /// <summary>The first process that lives, or the last one if none lives.</summary>
    /// <exception cref="InvalidOperationException">No process was started.</exception>
    public TestNode Process => nodes.Find(node => node.IsAlive) ?? nodes.LastOrDefault()
        ?? throw new InvalidOperationException("The test has no process yet. Start a process, or add the test to the services of a host.");

    /// <summary>The services of <see cref="Process"/>.</summary>
    public IServiceProvider Services => Process.Services;

    /// <summary>The scheduler as <see cref="Process"/> sees it.</summary>
    public IScheduler Scheduler => Process.Scheduler;

    /// <summary>The calls of all handlers in their order.</summary>
    public IReadOnlyList<TestRun> Runs => record.Runs;

    /// <summary>How long each call of the store by an engine or a handler takes by the clock, zero or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is below zero.</exception>
    public TimeSpan StoreDelay
    {
        get => shared.Delay;
        set => shared.Delay = value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"StoreDelay is {value}; zero or more is allowed.");
    }

    /// <summary>True if the store answers. If false, each call throws <see cref="StoreUnavailableException"/>.</summary>
    public bool StoreIsAvailable
    {
        get => !shared.IsUnavailable;
        set => shared.IsUnavailable = !value;
    }

    /// <summary>Adds this test to the services of a host that the test builds itself, such as a
    /// <c>WebApplicationFactory</c>: clock, store and engine. Called after the program has registered its services, once for
    /// each host.</summary>
    /// <param name="services">The services of the host.</param>
    /// <returns>The process. Its engine starts with the host.</returns>
    public TestNode AddTo(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        var number = nodes.Count;
        var process = new TestProcess(new($"process-{FirstPid + number}", FirstPid + number, "test", Now, null));
        var node = new TestNode(world, locks, process);
        world.Add(process);
        nodes.Add(node);
        services.RemoveAll<TimeProvider>();
        services.AddSingleton<TimeProvider>(new TestClock(world, process));
        services.AddSingleton<EngineControl>(provider =>
        {
            node.Built(provider);
            return new TestControl(world, process, locks, record);
        });
        services.AddEscapementCore(scheduler => scheduler
            .UseStore(_ => new TestStore(shared, world, process, record, IsGone))
            .Configure(settings =>
            {
                settings.StartInTestHost = true;
                settings.AllowLocalStore = true;
                settings.Lease = options.Lease;
                settings.Zone ??= options.Zone;
            }));
        return node;
    }

    /// <summary>Starts a further process with the same declarations and services.</summary>
    /// <exception cref="InvalidOperationException">The test was not started with <see cref="StartAsync"/>.</exception>
    public async Task<TestNode> StartProcessAsync()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (declare is null)
        {
            throw new InvalidOperationException("The test has no declarations of its own. Build and start a further host with AddTo.");
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        configure?.Invoke(builder.Services);
        builder.Services.AddEscapementCore(declare);
        var node = AddTo(builder.Services);
        node.Host = builder.Build();
        await node.StartAsync();
        return node;
    }

    /// <summary>Advances the clock by a time span. At each instant with anything to do, the clock waits until everything is
    /// done.</summary>
    /// <param name="time">The time span, zero or more, which ends in the year 9999 at the latest. With zero, only what is due
    /// now is done.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time span is below zero, or ends after the year 9999.</exception>
    /// <exception cref="SchedulerTestException">A handler holds up the clock. The message names the job.</exception>
    public Task AdvanceAsync(TimeSpan time)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (time < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(time), time, $"time is {time}; zero or more is allowed. JumpClock sets the clock back.");
        }

        if (time.Ticks > world.Last - world.Now)
        {
            throw new ArgumentOutOfRangeException(nameof(time), time,
                $"time is {time}, and the clock is at {Expectation.Text(Now)}; an advance that ends in the year 9999 at the latest is allowed.");
        }

        return world.AdvanceAsync(world.Now + time.Ticks);
    }

    /// <summary>Advances the clock to an instant.</summary>
    /// <param name="instant">The instant, not before <see cref="Now"/>.</param>
    /// <exception cref="SchedulerTestException">A handler holds up the clock. The message names the job.</exception>
    public Task AdvanceToAsync(DateTimeOffset instant) => instant >= Now
        ? AdvanceAsync(instant - Now)
        : throw new ArgumentOutOfRangeException(nameof(instant), instant, $"The clock is at {Expectation.Text(Now)}, after {Expectation.Text(instant)}. JumpClock sets the clock back.");

    /// <summary>Sets the wall clock of the machine forward or back, without the time passing. The active process notices the
    /// jump with its next heartbeat, within a third of the lease.</summary>
    /// <param name="by">The jump, below zero to set the clock back.</param>
    /// <exception cref="ArgumentOutOfRangeException">The clock would leave the years 1 to 9999.</exception>
    public void JumpClock(TimeSpan by)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        world.Jump(by);
    }

    /// <summary>Returns the runs of a job up to now.</summary>
    /// <param name="job">The id of the job.</param>
    /// <exception cref="SchedulerTestException">The store has no such job.</exception>
    /// <exception cref="ObjectDisposedException">The test was disposed.</exception>
    public JobRuns Ran(string job)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return record.RunsOf(job) is { Count: > 0 } runs
            ? new(job, runs, IsAlive, () => NotRun(job))
            : new(Known(job), [], IsAlive, () => NotRun(job));
    }

    /// <summary>Returns the fire times of a job that did not run, with their sentences. Empty if the store does not answer at
    /// once, as a memory store does.</summary>
    IReadOnlyList<LedgerItem> NotRun(string job)
    {
        var why = shared.Store.WhyAsync(JobId.Parse(job), options.Start, Now.AddTicks(TimeSpan.TicksPerMicrosecond), Language.English,
            CancellationToken.None);
        return why.IsCompletedSuccessfully ? why.Result.Items : [];
    }

    bool IsAlive(string process) => nodes.Exists(node => node.Id == process && node.IsAlive);

    /// <summary>Returns the requests for runs of a job up to now.</summary>
    /// <param name="job">The id of the job.</param>
    /// <exception cref="SchedulerTestException">The store has no such job.</exception>
    /// <exception cref="ObjectDisposedException">The test was disposed.</exception>
    public JobRequests Asked(string job)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return record.RequestsOf(job) is { Count: > 0 } requests ? new(job, requests) : new(Known(job), []);
    }

    /// <summary>Asks for a run of a job and waits for its end. The clock advances only while the handler waits for the
    /// clock.</summary>
    /// <param name="job">The id of the job.</param>
    /// <param name="arguments">An object with the arguments as members, such as <c>new { orderId = 17 }</c>, or null for the
    /// arguments of the job.</param>
    /// <returns>The run, which succeeded. If the handler throws, its exception is thrown.</returns>
    /// <exception cref="SchedulerTestException">The run did not end within a day of the clock, such as a run of a job whose
    /// earlier run goes on.</exception>
    /// <exception cref="InvalidOperationException">No process of the test runs.</exception>
    public async Task<TestRun> RunAsync(string job, object? arguments = null)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        var process = Process;
        if (!process.IsAlive)
        {
            throw new InvalidOperationException(
                $"No process of the test runs, so the run of job '{job}' cannot begin. {(declare is null ? "Start a further host with AddTo" : "Start a process with StartProcessAsync")}.");
        }

        var run = await process.Scheduler.RunAsync(job, arguments);
        if (!await world.AdvanceAsync(world.Tomorrow, () => record.Ended(run.Id) is not null))
        {
            throw new SchedulerTestException($"The requested run of job '{job}' has not ended within a day of the clock. An earlier run of the job may go on, or the scheduler is shut down.");
        }

        // The outcome is recorded at the same instant.
        await world.AdvanceAsync(world.Now);
        var ended = record.Ended(run.Id)!;
        if (ended.Exception is { } exception) ExceptionDispatchInfo.Throw(exception);
        return ended;
    }

    /// <summary>Adds up the expected fire times of all jobs against the records of the store.</summary>
    /// <param name="from">The inclusive beginning, or null for the start of the test.</param>
    /// <param name="to">The exclusive end, or null for now and the present instant.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <returns>The audit, with the account, the reasons of fire times that did not run, and the contradictions.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="ObjectDisposedException">The test was disposed.</exception>
    public Task<AuditReport> AuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null, Language language = Language.English)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return shared.Store.AuditAsync(
            from ?? options.Start, to ?? Now.AddTicks(TimeSpan.TicksPerMicrosecond), language, CancellationToken.None);
    }

    /// <summary>Stops all processes in order, as a deployment does.</summary>
    /// <exception cref="SchedulerTestException">A host does not stop. The message names the cause.</exception>
    public async Task StopAsync()
    {
        foreach (var node in nodes) await node.StopAsync();
    }

    /// <summary>Kills all processes, as a failure of the power does. The store keeps its data.</summary>
    public async Task CrashAsync()
    {
        foreach (var node in nodes) await node.CrashAsync();
    }

    /// <summary>Stops the processes that live, and starts a process with the same declarations and services.</summary>
    /// <returns>The new process.</returns>
    public async Task<TestNode> RestartAsync()
    {
        await StopAsync();
        return await StartProcessAsync();
    }

    /// <summary>Waits inside a handler, or inside a service of a handler, for a task that the test completes later. The clock
    /// may advance meanwhile.</summary>
    /// <param name="task">The task.</param>
    public async Task WaitForTestAsync(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);

        // A timer that never rings tells the clock that the handler waits.
        await using var waiting = Clock.CreateTimer(static _ => { }, null, TimeSpan.MaxValue, Timeout.InfiniteTimeSpan);
        await task;
    }

    bool IsGone(string process) => nodes.Exists(node => node.Id == process && !node.IsAlive);

    string Known(string job)
    {
        var jobs = shared.Store.JobsAsync(new() { Ended = true }, CancellationToken.None).GetAwaiter().GetResult().Jobs
            .Select(stored => stored.Job.Id.Value).ToList();
        return jobs.Contains(job) ? job : throw new SchedulerTestException(
            $"The store has no job '{job}'.{Suggestion.Sentence(job, jobs)} It has {(jobs is [] ? "none" : string.Join(", ", jobs.Order(StringComparer.Ordinal).Take(20)))}.");
    }

    string Folder => (folder ??= Directory.CreateTempSubdirectory("escapement-test-")).FullName;

    /// <summary>Ends the test: kills the processes that live, disposes their services and the store, and deletes the folder of
    /// the store.</summary>
    /// <remarks>A further call does nothing. All questions about a disposed test throw
    /// <see cref="ObjectDisposedException"/>.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        foreach (var node in nodes) node.End();
        await shared.DisposeAsync();
        if (folder is { Exists: true }) folder.Delete(recursive: true);
    }
}
