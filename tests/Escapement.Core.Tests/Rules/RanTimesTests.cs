using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class RanTimesTests
{
    [Fact]
    public void A_fire_time_that_ran_is_passed_over_without_an_entry()
    {
        var decision = Decided(Stored(Job(Every(10)), next: 10, last: 30), Claim(10), ran: 10);

        Assert.Empty(Runs(decision));
        Assert.Empty(decision.Skipped);
        Assert.Equal(At(20), decision.Next);
    }

    [Fact]
    public void Only_fire_times_up_to_the_last_claimed_one_are_looked_up()
    {
        var stored = Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false), last: 10);

        var decision = Decide.Due(stored, stored.State, Claim(35), RanTimes.Unread);

        Assert.Equal([0, 10], decision.Lookups.Select(Seconds));
        Assert.Empty(Runs(decision));
        Assert.Equal([0, 20, 30], Runs(Decide.Due(stored, stored.State, Claim(35), Ran(10))));
    }

    [Fact]
    public void Fire_times_that_have_not_run_do_when_a_job_was_moved_back()
    {
        var decision = Decided(Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false), last: 40), Claim(55), 0, 10, 30, 40);

        Assert.Equal([20, 50], Runs(decision));
        Assert.Equal(At(60), decision.Next);
    }

    [Fact]
    public void A_fire_time_that_ran_does_not_run_again_as_the_last_of_a_coalesced_stretch()
    {
        var decision = Decided(Stored(Job(Every(10), MisfireGrace.Unlimited), last: 30), Claim(35), 30);

        Assert.Equal([20], Runs(decision));
        Assert.Equal([(0, 10, Reason.Coalesced)], Shown(decision.Skipped));
    }

    [Fact]
    public void The_grace_of_a_coalesced_stretch_is_judged_by_the_last_fire_time_that_has_not_run()
    {
        var decision = Decided(Stored(Job(Every(10), MisfireGrace.Of(TimeSpan.FromSeconds(5))), last: 40), Claim(43), 30, 40);

        Assert.Empty(Runs(decision));
        Assert.Equal([(0, 20, Reason.MisfireGraceExceeded)], Shown(decision.Skipped));
        Assert.Equal(At(50), decision.Next);
    }

    [Fact]
    public void Fire_times_before_the_trimmed_mark_count_as_run()
    {
        var stored = Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false), last: 40) with { TrimmedBefore = At(25) };

        Assert.Equal([30, 50], Runs(Decided(stored, Claim(55), 40)));
    }

    [Fact]
    public void A_bounded_number_is_looked_up_at_a_time_and_the_rest_stays_due()
    {
        var stored = Stored(Job(Every(1), MisfireGrace.Unlimited), last: 10_000);

        var asked = Decide.Due(stored, stored.State, Claim(10_000), RanTimes.Unread).Lookups;
        var decision = Decide.Due(stored, stored.State, Claim(10_000), Ran());

        Assert.Equal(Decide.MaxTimes, asked.Count);
        Assert.Equal([Decide.MaxTimes - 1], Runs(decision));
        Assert.Equal(At(Decide.MaxTimes), decision.Next);
    }

    [Fact]
    public void Nothing_is_looked_up_where_all_is_beyond_its_grace() =>
        Assert.Empty(Decide.Due(Stored(Job(Every(10)), last: 100), State(last: 100), Claim(45), RanTimes.Unread).Lookups);
}
