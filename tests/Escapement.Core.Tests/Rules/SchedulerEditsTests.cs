using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class SchedulerEditsTests
{
    static EditedState Apply(SchedulerState before, StateEdit edit, double now) => SchedulerEdits.Apply(before, edit, At(now));

    [Fact]
    public void A_pause_is_kept_and_remembered_once_it_is_over()
    {
        var paused = Apply(new(), SchedulerEdits.Pause(At(60), "me", "repairs"), 5);
        var state = paused.Numbered(7);

        Assert.Equal(new() { Paused = new PauseRecord { At = At(5), Until = At(60), By = "me", Why = "repairs", Action = 7 } }, state);
        Assert.Equal((ActionKind.SchedulerPaused, At(60), StoreSignal.Work), (paused.Action!.Kind, paused.Action.Until, paused.Signal));

        var before = new PauseSpan(At(5), At(20)) { Action = 7 };
        Assert.Equal(new() { PausedBefore = before }, Apply(state, SchedulerEdits.Resume, 20).After);
        Assert.Equal(new() { PausedBefore = before with { To = At(60) } }, Apply(state, SchedulerEdits.Resume, 70).After);
        Assert.Same(state, SchedulerEdits.PauseOver(state, At(59)));
        Assert.Equal(new() { PausedBefore = before with { To = At(60) } }, SchedulerEdits.PauseOver(state, At(60)));
    }

    [Fact]
    public void A_second_pause_ends_the_first_and_late_fire_times_were_paused_since_the_first()
    {
        var first = Apply(new(), SchedulerEdits.Pause(by: "li"), 5).Numbered(7);
        Assert.False(Apply(first, SchedulerEdits.Pause(by: "li"), 10).Changed);
        var again = Apply(first, SchedulerEdits.Pause(by: "wang"), 10);
        var third = Apply(again.Numbered(8), SchedulerEdits.Pause(At(40)), 20);

        Assert.Equal((first.Paused, At(10)), (again.ClosesPause, again.OpensPause!.At));
        Assert.Equal(new PauseSpan(At(5), At(20)) { Action = 8 }, third.After.PausedBefore);
        Assert.Equal(new() { PausedBefore = new PauseSpan(At(5), At(40)) { Action = 9 } }, Apply(third.Numbered(9), SchedulerEdits.Resume, 50).After);
    }

    [Fact]
    public void A_pause_that_is_over_before_it_begins_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(new(), SchedulerEdits.Pause(At(5)), 5));

    [Fact]
    public void The_scheduler_is_shut_down_once_and_started()
    {
        var down = Apply(new(), SchedulerEdits.ShutDown, 5);

        Assert.Equal((At(5), StoreSignal.Work | StoreSignal.Epoch), (down.After.ShutDown, down.Signal));
        Assert.False(Apply(down.After, SchedulerEdits.ShutDown, 10).Changed);
        Assert.Null(Apply(down.After, SchedulerEdits.Start, 10).After.ShutDown);
    }
}
