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
}
