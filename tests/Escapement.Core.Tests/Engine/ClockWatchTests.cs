using Escapement.Engine;
using Xunit;

namespace Escapement.Core.Tests.Engine;

public sealed class ClockWatchTests
{
    /// <summary>Two clocks, each moved by hand.</summary>
    sealed class TwoClocks : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = DateTimeOffset.UnixEpoch;

        public TimeSpan Monotonic { get; set; }

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Monotonic.Ticks;

        public void Pass(TimeSpan time)
        {
            Wall += time;
            Monotonic += time;
        }
    }

    static readonly TimeSpan Hour = TimeSpan.FromHours(1), Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Time_that_passes_is_no_jump_and_neither_is_a_second()
    {
        var clock = new TwoClocks();
        var watch = new ClockWatch(clock);
        clock.Pass(Hour);
        clock.Wall += Second;
        Assert.Null(watch.Jump());
        Assert.Null(watch.JumpedFrom());
    }

    [Fact]
    public void A_jump_forward_is_the_cause_until_one_comparison_after_it_was_accepted()
    {
        var clock = new TwoClocks();
        var watch = new ClockWatch(clock);
        clock.Pass(Hour);
        var before = clock.Wall;
        clock.Wall += Hour;
        Assert.Equal(before, watch.JumpedFrom());
        Assert.Equal(Hour, watch.Jump());
        watch.Accept(Hour);
        Assert.Equal(before, watch.JumpedFrom());
        Assert.Null(watch.Jump());
        Assert.Null(watch.JumpedFrom());
    }

    [Fact]
    public void A_jump_back_is_one_and_puts_nothing_behind_the_clock()
    {
        var clock = new TwoClocks();
        var watch = new ClockWatch(clock);
        clock.Wall -= Hour;
        Assert.Equal(-Hour, watch.Jump());
        Assert.Null(watch.JumpedFrom());
        watch.Accept(-Hour);
        Assert.Null(watch.Jump());
    }
}
