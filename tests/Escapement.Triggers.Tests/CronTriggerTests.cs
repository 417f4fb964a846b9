using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class CronTriggerTests
{
    [Theory]
    [InlineData("0 0 * * 0", "06 13 20")]                      // Sundays
    [InlineData("0 0 * * 7", "06 13 20")]
    [InlineData("0 0 * * */2", "01 03 05 06 08")]              // Sunday, Tuesday, Thursday, Saturday
    [InlineData("0 0 * * fri-mon", "04 05 06 07 11")]
    [InlineData("0 0 * * 6-7", "05 06 12 13")]
    [InlineData("0 0 * * 0-7", "01 02 03")]
    [InlineData("0 0 L * *", "31")]
    [InlineData("0 0 L-3 * *", "28")]
    [InlineData("0 0 LW * *", "31")]
    [InlineData("0 0 5W * *", "04")]                           // the 5th is a Saturday
    [InlineData("0 0 6W * *", "07")]                           // the 6th is a Sunday
    [InlineData("0 0 1,15W * *", "01 15")]
    [InlineData("0 0 ? * fri#2", "11")]
    [InlineData("0 0 * * 5L", "25")]
    [InlineData("0 0 * * friL,1#1", "07 25")]
    [InlineData("0 0 30-2 * *", "01 02 30 31")]
    [InlineData("0 0 28-3/2 * *", "01 03 28 30")]
    [InlineData("0 0 15 * mon-fri", "15")]                     // both must match
    public void Days_are_those_of_cron(string expression, string days)
    {
        var expected = days.Split(' ');
        var found = FireTimes.Of(FireTimes.Cron(expression), FireTimes.At("2030-10-01")).Take(expected.Length)
            .Select(at => at.ToString("dd", null));
        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("@hourly", "0 * * * *")]
    [InlineData("@Daily", "0 0 * * *")]
    [InlineData("@midnight", "0 0 * * *")]
    [InlineData("@weekly", "0 0 * * sun")]
    [InlineData("@monthly", "0 0 1 * *")]
    [InlineData("@yearly", "0 0 1 jan *")]
    [InlineData("@annually", "0 0 1 1 *")]
    [InlineData("@every_minute", "* * * * *")]
    [InlineData("@every_second", "* * * * * *")]
    public void Words_stand_for_expressions(string word, string expression)
    {
        var from = FireTimes.At("2030-01-31 22:59:58");
        Assert.Equal(FireTimes.Of(FireTimes.Cron(expression), from).Take(5), FireTimes.Of(FireTimes.Cron(word), from).Take(5));
    }

    [Fact]
    public void H_depends_on_the_job_and_on_nothing_else()
    {
        var from = FireTimes.At("2030-01-01");
        Assert.Equal(FireTimes.Cron("H H * * *", jobId: "report").Next(from), FireTimes.Cron("H H * * *", jobId: "report").Next(from));
        var minutes = Enumerable.Range(0, 200).Select(i => FireTimes.Cron("H * * * *", jobId: "job-" + i).Next(from)!.Value.Minute)
            .Distinct().Count();
        Assert.InRange(minutes, 50, 60);
        // The value is fixed here, because a stored job must not move after a rebuild of the program.
        Assert.Equal(FireTimes.At("2030-01-01 11:05:00"), FireTimes.Cron("H H * * *", jobId: "report").Next(from));
    }

    [Fact]
    public void A_step_of_H_begins_within_the_first_step()
    {
        var fired = FireTimes.Of(FireTimes.Cron("H/15 * * * *", jobId: "report"), FireTimes.At("2030-01-01")).Take(5).ToList();
        Assert.InRange(fired[0].Minute, 0, 14);
        Assert.All(fired.Zip(fired.Skip(1)), pair => Assert.Equal(TimeSpan.FromMinutes(15), pair.Second - pair.First));
    }

    [Fact]
    public void Six_fields_have_the_second_in_front() =>
        Assert.Equal(FireTimes.At("2030-01-01 09:30:15"), FireTimes.Cron("15 30 9 * * *").Next(FireTimes.At("2030-01-01")));

    [Theory]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 4,6 *")]
    [InlineData("0 0 31W 2 *")]
    public void A_day_that_does_not_exist_never_comes(string expression)
    {
        var trigger = FireTimes.Cron(expression, "Europe/Berlin");
        Assert.Null(trigger.Next(FireTimes.At("2030-01-01")));
        Assert.Null(trigger.Previous(FireTimes.At("2030-01-01")));
        Assert.Equal(0, trigger.Count(DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("America/Los_Angeles")]
    [InlineData("Pacific/Apia")]
    public void The_edges_of_the_calendar_throw_nothing(string zone)
    {
        foreach (var trigger in new[] { FireTimes.Cron("* * * * * *", zone), FireTimes.Cron("0 0 29 2 *", zone),
            FireTimes.Read("""{"trigger": "interval", "days": 1, "start_date": "2030-01-01"}""", zone) })
        {
            Assert.NotNull(trigger.Next(DateTimeOffset.MinValue));
            Assert.Null(trigger.Previous(DateTimeOffset.MinValue));
            Assert.NotNull(trigger.Previous(DateTimeOffset.MaxValue));
            Assert.Null(trigger.Next(DateTimeOffset.MaxValue));
            Assert.True(trigger.Count(DateTimeOffset.MinValue, DateTimeOffset.MaxValue) > 1900);
        }
    }
}
