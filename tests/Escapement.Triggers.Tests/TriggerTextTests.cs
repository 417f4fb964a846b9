using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class TriggerTextTests
{
    static Trigger Text(string text) => TriggerText.Parse(text, new(ZoneClock.Get("Europe/Berlin"), FireTimes.At("2030-01-01"), "job"));

    [Theory]
    [InlineData("0 9 * * mon-fri")]
    [InlineData("H(0-29) H(9-17)/2 * * *")]
    [InlineData("day=1st mon, last fri, hour=9")]
    [InlineData("0 9 * * * from 2030-01-01T00:00:00+01:00 until 2031-01-01T00:00:00+01:00")]
    [InlineData("every 1 day 6 hours from 2030-01-01T08:00:00")]
    [InlineData("every 20 minutes from 2030-01-01T08:00:00-03:00 until 2030-02-01T00:00:00+01:00")]
    [InlineData("every 1 year 2 months at 09:30:15 from 2030-01-31 until 2040-01-01 or last day")]
    [InlineData("at 2030-05-06T07:08:09")]
    [InlineData("at 2030-05-06T07:08:09.000001+08:00")]
    [InlineData("(0 9 * * *) and (0 9 1 * * in Asia/Kolkata)")]
    [InlineData("((0 9 * * *) and (0 9 1 * *)) or (every 5 minutes from 2030-01-01T00:00:00) except 22:00-06:00")]
    [InlineData("0 9 * * * except 2030-01-01/2030-01-05, 12-25, 06:00-07:30 times 5 since 2030-01-01T00:00:00+01:00 jitter 30 seconds")]
    public void A_text_is_written_as_it_was_read(string text) => Assert.Equal(text, Text(text).ToString());

    [Theory]
    [InlineData("EVERY minute FROM 2030-01-01 08:00:00", "every 1 minute from 2030-01-01T08:00:00")]
    [InlineData("  @daily ", "@daily")]
    [InlineData("at 2030-05-06 07:08:09", "at 2030-05-06T07:08:09")]
    [InlineData("(0 9 * * *)", "0 9 * * *")]
    public void What_can_be_said_in_two_ways_is_written_in_one(string given, string written) =>
        Assert.Equal(written, Text(given).ToString());

    [Theory]
    [InlineData("", 0, "An empty text is no trigger")]
    [InlineData("   ", 0, "An empty text is no trigger")]
    [InlineData("every 20 minuts", 9, "did you mean minutes?")]
    [InlineData("every", 5, "ends where an interval is expected")]
    [InlineData("every 5", 7, "ends where a unit is expected")]
    [InlineData("every 0 minutes", 0, "is not above zero")]
    [InlineData("every 1000 years", 0, "at most 100 years")]
    [InlineData("every 365250 days", 0, "is longer than a hundred years")]
    [InlineData("every 1 month 5 minutes", 0, "mixes days of the calendar with hours")]
    [InlineData("every 2 days at 25:00", 16, "is not a time of day")]
    [InlineData("every 2 days at 09:00 from 2030-01-01T08:00:00Z", 0, "starts and ends on days")]
    [InlineData("at 2030-02-30", 3, "is not a date")]
    [InlineData("0 9 * * * from 2030-13-01", 15, "is not a date")]
    [InlineData("0 9 * * * in Europe/Berlim", 13, "did you mean Europe/Berlin?")]
    [InlineData("0 9 * * * in America/", 13, "is a folder of time zones")]
    [InlineData("0 9 * * * in America", 13, "is a folder of time zones")]
    [InlineData("0 9 * * * except holidays", 17, "'holidays' is not a set of excluded dates")]
    [InlineData("0 9 * * * except 2030-02-30", 17, "'2030-02-30' is not a day: write a day as")]
    [InlineData("0 9 * * * except 12-25, 02-30", 24, "'02-30' is not a day: write a day as")]
    [InlineData("0 9 * * * times 2 times 3", 18, "stands there twice")]
    [InlineData("0 9 * * * times -1", 16, "is not a number of times")]
    [InlineData("0 9 * * * jitter 2 days", 17, "is too long for a jitter")]
    [InlineData("0 9 * * * jitter 0.05 months", 17, "has a unit without a fixed length")]
    [InlineData("(0 9 * * *) or (0 10 * * *) and (0 11 * * *)", 28, "is mixed with or")]
    [InlineData("(0 9 * * *", 10, "ends without a closing parenthesis")]
    [InlineData("0 9 * * *)", 9, "there is no parenthesis to close")]
    [InlineData("0 9 * * * or (0 10 * * *)", 10, "behind a trigger can stand")]
    public void A_mistake_is_shown_at_its_place(string text, int position, string part)
    {
        var refused = Assert.Throws<CronFormatException>(() => Text(text));
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.Equal(position, refused.Position);
    }

    [Fact]
    public void What_is_nested_too_deep_or_too_long_is_refused()
    {
        Assert.Contains("nested too deep", Assert.ThrowsAny<FormatException>(() =>
            Text(new string('(', 1_000) + "0 9 * * *" + new string(')', 1_000))).Message, StringComparison.Ordinal);
        Assert.Contains("is too long", Assert.ThrowsAny<FormatException>(() => Text(new string(',', 1_000_000))).Message,
            StringComparison.Ordinal);
        Assert.True(Assert.ThrowsAny<FormatException>(() => Text(new string(',', 1_000))).Message.Length < 1_000);
    }

    [Fact]
    public void As_many_triggers_are_joined_as_in_JSON()
    {
        Assert.Equal(100, Assert.IsType<OrTrigger>(Text(Join(100))).Triggers.Count);
        Assert.Contains("at most 100", Assert.ThrowsAny<FormatException>(() => Text(Join(101))).Message, StringComparison.Ordinal);

        static string Join(int count) => string.Join(" or ", Enumerable.Repeat("(0 9 * * *)", count));
    }

    [Theory]
    [InlineData("H(0-29) * * * *", 0, 29)]
    [InlineData("H(45-45) * * * *", 45, 45)]
    public void H_with_a_range_is_one_value_in_it(string expression, int least, int most)
    {
        foreach (var job in Enumerable.Range(0, 50).Select(n => $"job-{n}"))
        {
            Assert.InRange(FireTimes.Cron(expression, jobId: job).Next(FireTimes.At("2030-01-01"))!.Value.Minute, least, most);
        }
    }

    [Theory]
    [InlineData("H(30-10) * * * *", "ends before it begins")]
    [InlineData("H(5) * * * *", "is not a form of H")]
    [InlineData("H(0-60) * * * *", "is not a minute")]
    [InlineData("H(0-29)x * * * *", "is not a form of H")]
    [InlineData("0 H(9-17)/9 * * *", "at most 8 here")]
    public void Another_form_of_H_is_refused(string expression, string part) =>
        Assert.Contains(part, Assert.Throws<CronFormatException>(() => FireTimes.Cron(expression, jobId: "a")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void H_with_a_range_and_a_step_steps_within_it()
    {
        var hours = FireTimes.Of(FireTimes.Cron("0 H(9-17)/4 * * *", jobId: "a"), FireTimes.At("2030-01-01"))
            .TakeWhile(at => at < FireTimes.At("2030-01-02")).Select(at => at.Hour).ToList();
        Assert.InRange(hours.Count, 2, 3);
        Assert.All(hours, hour => Assert.InRange(hour, 9, 17));
        Assert.Equal(4, hours[1] - hours[0]);
    }
}
