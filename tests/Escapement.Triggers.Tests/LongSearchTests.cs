using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>
/// Tests of searches with many steps. Their results are remembered, and equal the results of a fresh trigger.
/// </summary>
public sealed class LongSearchTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static ExcludingTrigger Never() => new(new CalendarIntervalTrigger(new(Days: 1), new(2030, 1, 1), new(6, 0), ZoneClock.Utc),
        ExclusionCalendar.Parse(["05:00-07:00"], null));

    // The sets meet every 4,199 seconds.
    static AndTrigger Seldom() => new([Set(13), Set(17), Set(19)], ZoneClock.Utc);

    static OrTrigger Set(double seconds) =>
        new([.. Enumerable.Repeat(new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start, ZoneClock.Utc), 2)], ZoneClock.Utc);

    [Fact]
    public void A_part_that_never_fires_is_searched_once()
    {
        var never = Never();
        var (first, second) = (2_000_000, 2_000_000);
        Assert.Null(never.Next(Start, ref first));
        Assert.Null(never.Next(Start.AddDays(3), ref second));

        Assert.InRange(first, 0, 1_950_000);
        Assert.Equal(1_999_999, second);
    }

    [Fact]
    public void A_search_that_was_cut_short_is_not_remembered()
    {
        var (never, few, many) = (Never(), 1_000, 2_000_000);
        Assert.Null(never.Next(Start, ref few));
        Assert.Null(never.Next(Start, ref many));

        Assert.InRange(many, 0, 1_950_000);
    }

    [Fact]
    public void Answers_are_those_of_a_trigger_that_was_never_asked_before()
    {
        var random = new Random(5);
        var asked = Seldom();
        for (var i = 0; i < 300; i++)
        {
            var from = Start.AddSeconds(random.Next(3) == 0 ? random.Next(-100, 60_000) : (4199 * random.Next(10)) + random.Next(-1, 2));
            Assert.Equal(Seldom().Next(from), asked.Next(from));
        }
    }

    [Fact]
    public void What_is_found_out_first_changes_no_answer()
    {
        // Each trigger must first determine whether its two parts ever meet.
        AndTrigger Meets(int minute) => new([new CronTrigger(CronDefinition.FromExpression($"{minute} * * * *"), ZoneClock.Utc),
            new IntervalTrigger(TimeSpan.FromMinutes(5), Start, ZoneClock.Utc)], ZoneClock.Utc);
        OrTrigger many = new([.. Enumerable.Range(0, 700).Select(number => Meets(number == 699 ? 5 : 30))], ZoneClock.Utc);

        Assert.Equal(Start.AddMinutes(5), many.Next(Start.AddSeconds(1)));
        Assert.Equal(Start.AddMinutes(5), new LimitedTrigger(many, 5, Start).Next(Start.AddSeconds(1)));
    }

    [Fact]
    public void A_search_that_may_ask_few_parts_asks_few()
    {
        var asked = 0;
        OrTrigger Many(int depth) => new(
            [.. Enumerable.Range(0, 20).Select(_ => depth == 0 ? new Counting(() => asked++) : (Trigger)Many(depth - 1))], ZoneClock.Utc);
        var budget = 1_000;
        Many(2).Next(Start, ref budget);

        Assert.InRange(budget, int.MinValue, 0);
        Assert.InRange(asked, 0, 1_000);
    }

    sealed class Counting(Action asked) : Trigger
    {
        public override ZoneClock Zone => ZoneClock.Utc;

        public override DateTimeOffset? Next(DateTimeOffset from)
        {
            asked();
            return from;
        }

        public override DateTimeOffset? Previous(DateTimeOffset before) => null;

        public override long Count(DateTimeOffset from, DateTimeOffset to) => 0;

        public override string ToString() => "counting";
    }
}
