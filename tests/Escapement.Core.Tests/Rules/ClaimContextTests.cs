using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class ClaimContextTests
{
    [Fact]
    public void A_pause_is_told_before_downtime_and_downtime_before_what_the_node_met()
    {
        var downtime = Cause(Reason.NoActiveNode, 0, 30);
        var jump = Cause(Reason.ClockJump, 0, 40);
        var state = new SchedulerState { PausedBefore = new(At(5), At(10)) { Action = 3 } };

        var context = ClaimContext.Of(At(50), GraceLimit, state, [downtime], [jump]);

        Assert.Equal([Cause(Reason.SchedulerPaused, 5, 10, action: 3), downtime, jump], context.Causes);
        Assert.Equal((Reason.SchedulerPaused, 3L, At(10)), context.ReasonAt(At(6), "default"));
        Assert.Equal((Reason.NoActiveNode, null, At(30)), context.ReasonAt(At(10), "default"));
        Assert.Equal((Reason.ClockJump, null, At(40)), context.ReasonAt(At(30), "default"));
        Assert.Equal((Reason.MisfireGraceExceeded, null, DateTimeOffset.MaxValue), context.ReasonAt(At(40), "default"));
    }

    [Fact]
    public void A_pause_that_lasts_has_no_end() =>
        Assert.Equal([new(Reason.SchedulerPaused, At(5), DateTimeOffset.MaxValue)],
            ClaimContext.Of(At(50), GraceLimit, new() { Paused = new PauseRecord { At = At(5) } }, [], []).Causes);

    [Fact]
    public void The_instant_is_in_whole_microseconds() =>
        Assert.Equal(At(50), ClaimContext.Of(At(50).AddTicks(9), GraceLimit, new(), [], []).Now);
}
