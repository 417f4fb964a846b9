using System.Diagnostics;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing;
using Escapement.Triggers;

namespace Escapement.Sqlite.Tests;

/// <summary>Figures for orientation; the bounds are those that a busy machine holds, too.</summary>
public sealed class TheSpeed(ITestOutputHelper output) : IAsyncDisposable
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    static readonly NodeName Node = new("node", 1, "here", Start, null);

    static readonly ClaimRequest Request = new(
        "node", 1, new HashSet<string> { "work" }, new Dictionary<string, int> { [JobOptions.Default] = 500 }, TimeSpan.FromHours(24));

    static JobEdit NewJob(int number) => JobEdits.Add(new()
    {
        Id = JobId.Parse($"job-{number}"),
        Name = "job",
        Handler = "work",
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(60), Start.AddMilliseconds(number), ZoneClock.Utc),
        Options = new() { Grace = Grace.Unlimited },
    });

    [Fact]
    public async Task Batches_of_500_out_of_10_000_jobs()
    {
        var clock = new ManualClock(Start);
        await using var store = await folder.OpenAsync(clock);
        await store.ChangeAsync([.. Enumerable.Range(0, 10_000).Select(NewJob)], CancellationToken.None);
        await store.RaiseAsync(new(Node, default, true, EpochEnd.ProcessGone, [], 0), CancellationToken.None);
        clock.Move(TimeSpan.FromSeconds(10));
        var (runs, batches, begun, cpu) = (0, 0, 0L, TimeSpan.Zero);
        // The first round of all jobs is for the compiler.
        for (var round = 0; round < 6; round++)
        {
            if (round == 1) (runs, batches, begun, cpu) = (0, 0, Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            while (await store.ClaimAsync(Request, CancellationToken.None) is { Runs.Count: > 0 } claimed)
            {
                await store.RecordAsync([.. claimed.Runs.Select(run => new Finished(run.Id, "node", 1, run.Attempt, clock.GetUtcNow(), clock.GetUtcNow(), Outcome.Succeeded))]);
                runs += claimed.Runs.Count;
                batches++;
            }
            clock.Move(TimeSpan.FromSeconds(60));
        }
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        output.WriteLine($"{runs} runs in {batches} batches: {runs / seconds:0} runs/s, {(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / runs:0.0} us of CPU a run");
        Assert.Equal(50_000, runs);
    }

    [Fact]
    public async Task One_job_at_a_time()
    {
        var clock = new ManualClock(Start);
        await using var store = await folder.OpenAsync(clock);
        await store.ChangeAsync([NewJob(0)], CancellationToken.None);
        await store.RehearseAsync(Node, Request.Handlers, 40, CancellationToken.None);
        await store.RaiseAsync(new(Node, default, true, EpochEnd.ProcessGone, [], 0), CancellationToken.None);
        List<double> times = [];
        for (var i = 0; i < 300; i++)
        {
            clock.Move(TimeSpan.FromSeconds(60));
            var begun = Stopwatch.GetTimestamp();
            var run = Assert.Single((await store.ClaimAsync(Request, CancellationToken.None)).Runs);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            await store.RecordAsync([new(run.Id, "node", 1, 1, clock.GetUtcNow(), clock.GetUtcNow(), Outcome.Succeeded)]);
        }
        var first = times[0];
        times.Sort();
        output.WriteLine($"claim of one, with its flush: first {first:0} us, median {times[150]:0} us, p99 {times[297]:0} us");
        Assert.True(times[150] < 50_000);
    }
}
