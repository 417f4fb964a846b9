using Escapement.Jobs;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Jobs;

public class JobTriggerTests
{
    static readonly IntervalTrigger Plain = new(TimeSpan.FromMinutes(1), DateTimeOffset.UnixEpoch, ZoneClock.Utc);

    static readonly IntervalTrigger Jittered = new(TimeSpan.FromMinutes(1), DateTimeOffset.UnixEpoch, ZoneClock.Utc) { Jitter = TimeSpan.FromSeconds(5) };

    static Job With(Trigger trigger) => new() { Id = JobId.Parse("a"), Name = "a", Handler = "a", Trigger = trigger };

    [Fact]
    public void A_job_with_jitter_is_refused_rather_than_run_without_it()
    {
        Assert.Contains("jitter is 5", Assert.Throws<FormatException>(() => With(Jittered)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => With(new OrTrigger([Plain, Jittered], ZoneClock.Utc)));
        Assert.Same(Plain, With(Plain).Trigger);
    }
}
