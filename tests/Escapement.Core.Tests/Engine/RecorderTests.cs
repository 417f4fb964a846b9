using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

public sealed class RecorderTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));

    Finished Of(long job) => new()
    {
        Id = new(0, job, 0),
        Node = "node",
        Epoch = 1,
        Attempt = 1,
        StartedAt = clock.GetUtcNow(),
        FinishedAt = clock.GetUtcNow(),
        Outcome = Outcome.Succeeded,
    };

    Job MayPauseItself => new()
    {
        Id = JobId.Parse("report"),
        Name = "report",
        Handler = "report",
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), clock.GetUtcNow(), ZoneClock.Utc),
        Options = new() { PauseAfterFailures = 1, MaxInstances = null },
    };

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
    public async Task A_job_that_paused_itself_is_logged_once_with_the_last_error()
    {
        await using var store = new TroubledStore(clock);
        await store.OpenAsync("tests", default);
        var job = MayPauseItself;
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, default);
        var begun = await store.ChangeEpochsAsync(new() { Begin = new("node", 1, "host", clock.GetUtcNow(), null), WithLock = true }, default);
        await store.EnqueueAsync([new() { Job = job.Id }, new() { Job = job.Id }], default);
        var claimed = await store.ClaimAsync(new()
        {
            Node = "node",
            Epoch = begun.Begun!.Number,
            Handlers = new HashSet<string> { "report" },
            FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 10 },
            GraceLimit = TimeSpan.FromHours(1),
        }, default);
        List<string> lines = [];
        var recorder = new Recorder(store, clock, TaskScheduler.Default, new ListLogger(lines));
        foreach (var run in claimed.Runs)
        {
            recorder.Add(Of(1) with { Id = run.Id, Epoch = begun.Begun.Number, Outcome = Outcome.Failed, Error = "boom" }, job);
            await recorder.FlushAsync();
        }

        Assert.Equal(3, claimed.Runs.Count);
        Assert.Single(lines, line => line.StartsWith("Job report paused itself: 1 failure at 2030-01-01 08:00:00Z: boom.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_read_of_a_failed_job_does_not_hold_up_the_outcomes()
    {
        TaskCompletionSource read = new();
        List<long> written = [];
        var store = new TroubledStore(clock)
        {
            JobReads = read.Task,
            Records = batch =>
            {
                lock (written) written.AddRange(batch.Select(run => run.Id.Job));
            },
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, NullLogger.Instance);
        recorder.Add(Of(1) with { Outcome = Outcome.Failed }, MayPauseItself);
        await UntilAsync(() => Count() == 1);
        recorder.Add(Of(2));
        await UntilAsync(() => Count() == 2);

        var flushed = recorder.FlushAsync();
        Assert.False(flushed.IsCompleted);
        read.SetResult();
        await flushed.WaitAsync(Limit);

        int Count()
        {
            lock (written) return written.Count;
        }
    }

    [Fact]
    public async Task A_failed_job_that_cannot_be_read_is_logged()
    {
        List<string> lines = [];
        var store = new TroubledStore(clock) { JobReads = Task.FromException(TroubledStore.Away), Records = _ => { } };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, new ListLogger(lines));

        recorder.Add(Of(1) with { Outcome = Outcome.Failed }, MayPauseItself);
        await recorder.FlushAsync().WaitAsync(Limit);

        Assert.Single(lines, line => line.StartsWith(
            "Job report failed, and the store could not be read to see if the job paused itself: The store is away.", StringComparison.Ordinal));
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

        // No time passes from here on.
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
    public async Task An_outcome_whose_answer_was_lost_is_not_told_as_refused()
    {
        var (lost, told) = (0, new List<string>());
        await using var store = new TroubledStore(clock);
        await store.OpenAsync("tests", default);
        var job = new Job { Id = JobId.Parse("j"), Name = "j", Handler = "note" };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, default);
        await store.EnqueueAsync([new() { Job = job.Id }], default);
        var name = new NodeName("node", 1, "here", clock.GetUtcNow(), null);
        await store.ChangeEpochsAsync(new() { Begin = name, Newest = default(EpochSeen) }, default);
        var claim = new ClaimRequest
        {
            Node = "node",
            Epoch = 1,
            Handlers = new HashSet<string> { "note" },
            FreePlaces = new Dictionary<string, int> { ["default"] = 1 },
            GraceLimit = TimeSpan.FromHours(24),
        };
        var run = Assert.Single((await store.ClaimAsync(claim, default)).Runs);
        store.After = method =>
        {
            if (method == "Record" && lost++ == 0) throw TroubledStore.Away;
        };
        var recorder = new Recorder(store, clock, TaskScheduler.Default, new ListLogger(told));
        recorder.Add(new()
        {
            Id = run.Id,
            Node = "node",
            Epoch = 1,
            Attempt = 1,
            StartedAt = clock.GetUtcNow(),
            FinishedAt = clock.GetUtcNow(),
            Outcome = Outcome.Succeeded,
        });
        var all = recorder.FlushAsync();
        await UntilAsync(() => all.IsCompleted);
        Assert.Equal(2, lost);
        lock (told) Assert.DoesNotContain(told, line => line.Contains("refused", StringComparison.Ordinal));
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
