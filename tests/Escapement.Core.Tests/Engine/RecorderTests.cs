using Escapement.Engine;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

public sealed class RecorderTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));

    Finished Of(long job) => new(new(0, job, 0), "node", 1, 1, clock.GetUtcNow(), clock.GetUtcNow(), Outcome.Succeeded);

    async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task An_outcome_that_the_store_never_takes_does_not_hold_up_the_others()
    {
        HashSet<long> written = [];
        var store = new TroubledStore(clock)
        {
            Records = batch =>
            {
                if (batch.Any(run => run.Id.Job == 3)) throw new InvalidOperationException("no");
                lock (written) written.UnionWith(batch.Select(run => run.Id.Job));
            },
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, NullLogger.Instance);
        for (var job = 1; job <= 5; job++) recorder.Add(Of(job));
        await UntilAsync(() => Count() == 4);
        recorder.Add(Of(6));
        await UntilAsync(() => Count() == 5);

        int Count()
        {
            lock (written) return written.Count;
        }
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_once_the_store_is_back()
    {
        var away = true;
        List<long> written = [];
        var store = new TroubledStore(clock)
        {
            Records = batch =>
            {
                if (Volatile.Read(ref away)) throw TroubledStore.Away;
                lock (written) written.AddRange(batch.Select(run => run.Id.Job));
            },
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, NullLogger.Instance);
        recorder.Add(Of(1));
        recorder.Add(Of(2));
        var all = recorder.FlushAsync();
        Volatile.Write(ref away, false);
        await UntilAsync(() => all.IsCompleted);
        Assert.Equal([1, 2], written);
    }

    [Fact]
    public async Task An_outcome_that_the_store_refuses_does_not_slow_down_the_others()
    {
        HashSet<long> written = [];
        var refused = 0;
        var store = new TroubledStore(clock)
        {
            Records = batch =>
            {
                if (batch.Any(run => run.Id.Job == 1))
                {
                    refused++;
                    throw new InvalidOperationException("no");
                }
                lock (written) written.UnionWith(batch.Select(run => run.Id.Job));
            },
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, NullLogger.Instance);
        recorder.Add(Of(1));
        using var limit = new CancellationTokenSource(Limit);
        while (Volatile.Read(ref refused) == 0) await Task.Delay(1, limit.Token);

        // No time passes any more.
        for (var job = 2; job <= 4; job++)
        {
            recorder.Add(Of(job));
            while (!Written(job)) await Task.Delay(1, limit.Token);
        }

        bool Written(long job)
        {
            lock (written) return written.Contains(job);
        }
    }

    [Fact]
    public async Task An_outcome_that_the_store_refuses_again_and_again_is_recorded_as_interrupted()
    {
        List<Finished> written = [];
        var store = new TroubledStore(clock)
        {
            Records = batch =>
            {
                if (batch.Any(run => run.Outcome == Outcome.Succeeded)) throw new InvalidOperationException("no");
                lock (written) written.AddRange(batch);
            },
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, NullLogger.Instance);
        recorder.Add(Of(1));
        var all = recorder.FlushAsync();
        await UntilAsync(() => all.IsCompleted);
        var run = Assert.Single(written);
        Assert.Equal((1, Outcome.Interrupted, Reason.Interrupted), (run.Id.Job, run.Outcome, run.Reason));
    }

    [Fact]
    public async Task A_store_that_is_away_is_waited_for_without_giving_up()
    {
        var tries = 0;
        List<Finished> written = [];
        var store = new TroubledStore(clock)
        {
            Records = batch =>
            {
                if (Interlocked.Increment(ref tries) <= 100) throw TroubledStore.Away;
                lock (written) written.AddRange(batch);
            },
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, NullLogger.Instance);
        recorder.Add(Of(1));
        var all = recorder.FlushAsync();
        await UntilAsync(() => all.IsCompleted);
        Assert.Equal(Outcome.Succeeded, Assert.Single(written).Outcome);
    }
}
