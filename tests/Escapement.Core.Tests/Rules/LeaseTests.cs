using Escapement.Rules;
using Xunit;

namespace Escapement.Core.Tests.Rules;

public class LeaseTests
{
    static readonly TimeSpan Length = TimeSpan.FromSeconds(15);
    static readonly EpochSeen Alive = new(7, 100, ended: false);

    static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>Looks at the row at each of these moments, and returns the conclusion of each look.</summary>
    static string Walk(params (double Seconds, EpochSeen Row)[] budget)
    {
        LeaseCount? count = null;
        List<LeaseStep> steps = [];
        foreach (var (seconds, row) in budget)
        {
            (var next, var step) = Lease.Look(count, row, At(seconds), Length);
            count = next;
            steps.Add(step);
        }

        return string.Join(' ', steps);
    }

    [Fact]
    public void A_row_that_never_moves_is_asked_in_the_last_third_and_then_raised() =>
        Assert.Equal("Wait Wait Ask Ask Ask Ask Ask Raise",
            Walk((0, Alive), (5, Alive), (10, Alive), (11, Alive), (12, Alive), (13, Alive), (14, Alive), (15, Alive)));

    [Fact]
    public void A_beat_in_time_begins_the_count_anew() =>
        Assert.Equal("Wait Wait Ask Wait Wait Ask", Walk((0, Alive), (5, Alive), (10, Alive), (11, Alive with { Heartbeat = 101 }),
            (16, Alive with { Heartbeat = 101 }), (21, Alive with { Heartbeat = 101 })));

    [Fact]
    public void A_row_that_was_ended_or_never_written_counts_as_well()
    {
        Assert.EndsWith("Raise", Walk((0, default), (5, default), (10, default), (11, default), (12, default), (13, default),
            (14, default), (15, default)), StringComparison.Ordinal);
        var ended = Alive with { Ended = true };
        Assert.EndsWith("Raise", Walk((0, ended), (5, ended), (10, ended), (11, ended), (12, ended), (13, ended), (14, ended),
            (15, ended)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_look_that_comes_late_counts_for_nothing() =>
        Assert.Equal("Wait Wait Wait Wait Ask", Walk((0, Alive), (5, Alive), (60, Alive), (65, Alive), (70, Alive)));

    [Fact]
    public void A_question_that_comes_late_begins_the_count_anew() =>
        Assert.Equal("Wait Wait Ask Wait Wait Ask", Walk((0, Alive), (5, Alive), (10, Alive), (14.5, Alive), (19.5, Alive), (24.5, Alive)));

    [Fact]
    public void A_moment_to_raise_that_is_past_is_not_taken() =>
        Assert.EndsWith("Ask Wait", Walk((0, Alive), (5, Alive), (10, Alive), (11, Alive), (12, Alive), (13, Alive), (14, Alive),
            (25, Alive)), StringComparison.Ordinal);

    [Fact]
    public void Another_epoch_begins_the_count_anew() =>
        Assert.Equal("Wait Wait Ask Wait", Walk((0, Alive), (5, Alive), (10, Alive), (11, new(8, 0, false))));

    /// <summary>Looks at the row at each of these moments after its node's life lock was found free.</summary>
    static string WalkFree(params (double Seconds, EpochSeen Row)[] budget)
    {
        LeaseCount? count = null;
        List<LeaseStep> steps = [];
        foreach (var (seconds, row) in budget)
        {
            (count, var step) = Lease.LookFree(count, row, At(seconds), Length);
            steps.Add(step);
        }

        return string.Join(' ', steps);
    }

    [Fact]
    public void Behind_a_free_lock_a_row_is_asked_and_ended_if_it_does_not_move_for_half_a_second() =>
        Assert.Equal("Ask Wait Raise", WalkFree((0, Alive), (0.4, Alive), (0.5, Alive)));

    [Fact]
    public void A_node_behind_a_free_lock_that_answers_is_left_alone() =>
        Assert.Equal("Ask Wait", WalkFree((0, Alive), (0.5, Alive with { Heartbeat = 101 })));

    [Fact]
    public void A_late_look_behind_a_free_lock_asks_again() =>
        Assert.Equal("Ask Ask Raise", WalkFree((0, Alive), (60, Alive), (60.5, Alive)));

    [Fact]
    public void Handlers_start_for_a_shorter_time_than_a_probe_waits() => Assert.True(Lease.StartTrust(Length) < Lease.ProbeWait(Length));

    [Theory]
    [InlineData(0.9)]
    [InlineData(3600)]
    public void With_another_lease_the_times_are_in_proportion(double seconds)
    {
        var lease = At(seconds);
        LeaseCount? count = null;
        var steps = new List<LeaseStep>();
        for (var now = TimeSpan.Zero; steps.Count < 50; now = count!.Value.NextAt)
        {
            (var next, var step) = Lease.Look(count, Alive, now, lease);
            count = next;
            steps.Add(step);
            if (step != LeaseStep.Raise) continue;
            Assert.Equal(lease, now);
            Assert.Contains(LeaseStep.Ask, steps);
            return;
        }

        Assert.Fail("It never raised.");
    }
}
