using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class JitterTests
{
    static Job Jittered(string id, double seconds) => Job(new IntervalTrigger(TimeSpan.FromMinutes(1), Start,
        ZoneClock.Utc)
    { Jitter = TimeSpan.FromSeconds(seconds) }) with
    { Id = JobId.Parse(id) };

    [Fact]
    public void A_job_without_jitter_starts_at_its_fire_time() => Assert.Equal(At(60), Jitter.StartOf(Job(Every(60)), At(60)));

    [Fact]
    public void The_delay_is_the_same_in_every_process() =>
        Assert.Equal(At(60).AddMicroseconds(ExpectedDelay), Jitter.StartOf(Jittered("report", 30), At(60)));

    // The value is fixed here, because all versions must calculate the same instant.
    const long ExpectedDelay = 13_971_721;

    [Fact]
    public void Delays_spread_over_all_of_the_jitter_by_job_and_by_fire_time()
    {
        var byTime = Enumerable.Range(0, 1_000).Select(n => (Jitter.StartOf(Jittered("a", 10), At(n * 60)) - At(n * 60)).TotalSeconds)
            .ToList();
        var byJob = Enumerable.Range(0, 1_000).Select(n => (Jitter.StartOf(Jittered($"job-{n}", 10), Start) - Start).TotalSeconds).ToList();
        foreach (var delays in new[] { byTime, byJob })
        {
            Assert.All(delays, delay => Assert.InRange(delay, 0, 10));
            Assert.InRange(delays.Average(), 4, 6);
            for (var tenth = 0; tenth < 10; tenth++) Assert.InRange(delays.Count(delay => (int)delay == tenth), 50, 150);
        }
    }
}
