using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>
/// Tests of nodes that lose the right to start while a run is on the way to its handler, or in the handler.
/// </summary>
public sealed class ExecutorTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly SteeredClock clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly List<Finished> recorded = [];
    readonly TroubledStore store;
    readonly Recorder recorder;
    readonly SemaphoreSlim freed = new(0);

    public ExecutorTests()
    {
        store = new(clock) { Records = finished => { lock (recorded) recorded.AddRange(finished); } };
        recorder = new(store, clock, TaskScheduler.Default, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        freed.Dispose();
        await store.DisposeAsync();
    }

    Executor Make(Func<JobContext, CancellationToken, ValueTask> handler, TaskScheduler? scheduler = null)
    {
        var handlers = new HandlerRegistry(
            [new("work", (context, _, cancellationToken) => handler(context, cancellationToken), false, false, _ => { })]);
        return new("default", 10, new(handlers, null, recorder, clock, scheduler ?? TaskScheduler.Default, NullLogger.Instance), () =>
            freed.Release());
    }

    static Activation Active(long epoch, Func<ValueTask<bool>>? mayStart = null) =>
        new("node", epoch, TimeSpan.FromHours(24), mayStart ?? (() => new(true)));

    ClaimedRun Claimed(int attempt, long token) => new()
    {
        Id = new(0, 1, 0),
        Job = new Job { Id = JobId.Parse("job"), Name = "job", Handler = "work" },
        FireTime = clock.GetUtcNow(),
        Arguments = JobArguments.None,
        Attempt = attempt,
        Token = token,
    };

    [Fact]
    public async Task A_run_that_is_about_to_start_when_all_are_stopped_is_recorded_and_never_starts()
    {
        var mayStart = new TaskCompletionSource<bool>();
        var asked = new TaskCompletionSource();
        var started = 0;
        var executor = Make((_, _) => { started++; return default; });
        executor.Start(Claimed(1, 1), Active(1, () =>
        {
            asked.SetResult();
            return new(mayStart.Task);
        }));
        await asked.Task.WaitAsync(Limit);
        executor.StopAll();
        mayStart.SetResult(true);
        await freed.WaitAsync(Limit);
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(0, started);
        var outcome = Assert.Single(recorded);
        Assert.Equal((Outcome.Interrupted, null), (outcome.Outcome, outcome.StartedAt));
    }

    [Fact]
    public async Task A_run_that_is_about_to_start_when_its_node_is_fenced_never_starts()
    {
        var mayStart = new TaskCompletionSource<bool>();
        var asked = new TaskCompletionSource();
        var started = 0;
        var executor = Make((_, _) => { started++; return default; });
        executor.Start(Claimed(1, 1), Active(1, () =>
        {
            asked.SetResult();
            return new(mayStart.Task);
        }));
        await asked.Task.WaitAsync(Limit);
        executor.Fence(1);
        mayStart.SetResult(true);
        await freed.WaitAsync(Limit);
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(0, started);
        Assert.Empty(recorded);
    }

    [Fact]
    public async Task A_second_attempt_is_still_known_when_the_first_one_ends_at_last()
    {
        TaskCompletionSource first = new(), second = new();
        var started = new SemaphoreSlim(0);
        var executor = Make(async (context, cancellationToken) =>
        {
            started.Release();
            if (context.Attempt == 1) await first.Task;
            else await second.Task.WaitAsync(cancellationToken);
        });
        executor.Start(Claimed(1, 1), Active(1));
        await started.WaitAsync(Limit);
        executor.Fence(1);
        executor.Start(Claimed(2, 2), Active(2));
        await started.WaitAsync(Limit);
        first.SetResult();
        await freed.WaitAsync(Limit);
        executor.StopAll();
        await freed.WaitAsync(Limit);
        await recorder.FlushAsync().WaitAsync(Limit);
        var outcome = Assert.Single(recorded);
        Assert.Equal((2, Outcome.Interrupted), (outcome.Attempt, outcome.Outcome));
    }

    [Fact]
    public async Task A_run_that_a_worker_has_just_taken_when_all_are_stopped_is_recorded_and_never_starts()
    {
        var pump = new PumpScheduler();
        var started = 0;
        var executor = Make((_, _) => { started++; return default; }, pump);
        executor.Start(Claimed(1, 1), Active(1));
        executor.Start(Claimed(1, 2), Active(1));

        // The first worker takes a run and requests a worker for the second run.
        pump.Queued = () =>
        {
            pump.Queued = () => { };
            executor.StopAll();
        };
        pump.RunAll();
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(0, started);
        Assert.Equal([(Outcome.Interrupted, null), (Outcome.Interrupted, null)], recorded.Select(one => (one.Outcome, one.StartedAt)));
        Assert.Equal(0, executor.Taken);
    }

    [Fact]
    public async Task A_handler_does_not_begin_once_its_run_is_recorded_as_interrupted()
    {
        var pump = new PumpScheduler();
        var started = 0;
        var executor = Make((_, _) => { started++; return default; }, pump);
        executor.Start(Claimed(1, 1), Active(1));

        // The last reading of the clock before the handler is the start of the run.
        clock.Read = () =>
        {
            clock.Read = () => { };
            executor.StopAll();
        };
        pump.RunAll();
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(0, started);
        Assert.Equal((Outcome.Interrupted, null), Assert.Single(recorded) is var one ? (one.Outcome, one.StartedAt) : default);
    }

    [Fact]
    public async Task A_failure_outside_the_handler_fails_that_run_and_frees_its_place()
    {
        var executor = Make((_, _) => default);
        executor.Start(Claimed(1, 1), Active(1, () => throw new InvalidOperationException("The permit cannot be judged.")));
        await freed.WaitAsync(Limit);
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(0, executor.Taken);
        Assert.Equal((Outcome.Failed, "InvalidOperationException: The permit cannot be judged."), Assert.Single(recorded) is var one
            ? (one.Outcome, one.Error)
            : default);
        executor.Start(Claimed(1, 2), Active(1));
        await freed.WaitAsync(Limit);
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(Outcome.Succeeded, recorded[^1].Outcome);
    }

    [Fact]
    public async Task A_run_that_no_thread_was_free_for_until_the_drain_limit_is_recorded_and_never_starts()
    {
        var pump = new PumpScheduler();
        var started = 0;
        var executor = Make((_, _) => { started++; return default; }, pump);
        executor.Start(Claimed(1, 1), Active(1, () => new(false)) with { DrainOver = () => true });
        pump.RunAll();
        await recorder.FlushAsync().WaitAsync(Limit);
        Assert.Equal(0, started);
        Assert.Equal((Outcome.Interrupted, Reason.Draining, null), Assert.Single(recorded) is var one
            ? (one.Outcome, one.Reason, one.StartedAt)
            : default);
    }
}
