using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.JobState;

namespace Escapement.Core.Tests.Rules;

public class A_fire_time_that_has_run
{
    [Fact]
    public void Is_an_entry()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10)), next: 10, last: 30), Now(10), ran: 10);

        Assert.Empty(runs);
        Assert.Equal([(10, 10, 1, Reason.AlreadyRan)], entries);
        Assert.Equal(20, next);
    }

    [Fact]
    public void Is_asked_for_only_up_to_the_last_one_that_was_claimed()
    {
        List<double> asked = [];
        var stored = Due(Job(Every(10), Grace.Unlimited, coalesce: false), last: 10);

        Decide.Due(stored, Now(35), fireTime =>
        {
            asked.Add(Seconds(fireTime));
            return false;
        });

        Assert.Equal([0, 10], asked);
    }

    [Fact]
    public void Leaves_the_others_of_a_job_that_was_moved_back()
    {
        var (runs, entries) = DecidedOn(Due(Job(Every(10), Grace.Unlimited, coalesce: false), last: 40), Now(55), 0, 10, 30, 40);

        Assert.Equal([20, 50], runs);
        Assert.Equal([(0, 10, 2, Reason.AlreadyRan), (30, 40, 2, Reason.AlreadyRan)], entries);
    }

    [Fact]
    public void Does_not_run_again_as_the_last_of_a_coalesced_stretch()
    {
        var (runs, entries) = DecidedOn(Due(Job(Every(10), Grace.Unlimited), last: 30), Now(35), 30);

        Assert.Equal([20], runs);
        Assert.Equal([(0, 10, 2, Reason.Coalesced), (30, 30, 1, Reason.AlreadyRan)], entries);
    }

    [Fact]
    public void Is_in_no_entry_of_those_that_were_lost_around_it()
    {
        var (runs, entries) = DecidedOn(Due(Job(Every(10), Grace.Of(TimeSpan.FromSeconds(1))), last: 20), Now(45), 20);

        Assert.Empty(runs);
        Assert.Equal([(0, 10, 2, Reason.MisfireGraceExceeded), (20, 20, 1, Reason.AlreadyRan), (30, 40, 2, Reason.MisfireGraceExceeded)], entries);
    }

    /// <summary>Claims as long as something is due.</summary>
    static (List<double> Runs, List<(double First, double Last, long Count, Reason Reason)> Entries) DecidedOn(StoredJob stored, Moment moment, params double[] ran)
    {
        List<double> runs = [];
        List<Entry> entries = [];
        while (stored.Next <= moment.Now)
        {
            var decision = Decide.Due(stored, moment, fireTime => ran.Contains(Seconds(fireTime)));
            runs.AddRange(decision.Runs.Select(Seconds));
            entries.AddRange(decision.Entries);
            stored = stored with { Next = decision.Next };
        }
        return (runs, Shown(entries));
    }
}
