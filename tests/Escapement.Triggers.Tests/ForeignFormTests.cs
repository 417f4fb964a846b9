using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of expressions from other products. The error message gives the equivalent expression.</summary>
public sealed class ForeignFormTests
{
    [Theory]
    // AWS begins with the minute and ends with the year.
    [InlineData("0 8 1 * ? *", "order of AWS", "write 0 8 1 * *.")]
    [InlineData("15 12 ? * 2-6 *", "order of AWS", "write 15 12 * * mon-fri.")]
    [InlineData("0 10 ? * MON-FRI 2030-2032", "order of AWS", "write 0 10 * * MON-FRI from 2030-01-01 until 2032-12-31T23:59:59.")]
    [InlineData("0 18 ? * 6L *", "order of AWS", "write 0 18 * * friL.")]
    // The wrappers of AWS.
    [InlineData("cron(0 12 * * ? *)", "AWS", "write 0 12 * * *.")]
    [InlineData("cron(15 10 ? * 2#1 2030)", "AWS", "write 15 10 * * mon#1 from 2030-01-01 until 2030-12-31T23:59:59.")]
    // Without a ? the order of the fields is the same: the minute is first.
    [InlineData("cron(0 12 * * * *)", "AWS", "write 0 12 * * *.")]
    [InlineData("cron(0 12 1 * * *)", "AWS", "write 0 12 1 * *.")]
    [InlineData("cron(0 10 * * 2 *)", "AWS", "write 0 10 * * mon.")]
    // A step of days ends with Saturday.
    [InlineData("cron(0 12 ? * 2/2 *)", "AWS", "write 0 12 * * mon,wed,fri.")]
    [InlineData("cron(0 12 ? * 7,4/2 *)", "AWS", "write 0 12 * * sat,wed,fri.")]
    [InlineData("rate(0 minutes)", "AWS", "for example every 5 minutes.")]
    [InlineData("rate(5 min)", "AWS", "for example every 5 minutes.")]
    [InlineData("@every 0s", "Go's cron packages", "for example every 5 minutes.")]
    [InlineData("@every 1h0m", "Go's cron packages", "write every 1 hour.")]
    [InlineData("rate(5 minutes)", "AWS", "write every 5 minutes.")]
    [InlineData("rate(1 hour)", "AWS", "write every 1 hour.")]
    [InlineData("at(2041-05-06T07:08:09)", "AWS", "write at 2041-05-06T07:08:09.")]
    [InlineData("cron('H/15 * * * *')", "AWS", "write H/15 * * * *.")]
    [InlineData("@Scheduled(cron = \"0 0 9 * * MON-FRI\")", "Spring", "write 0 0 9 * * MON-FRI.")]
    [InlineData("- cron: '0 9 * * 1-5'", "its key", "write the expression alone: 0 9 * * 1-5.")]
    // Quartz allows a year, and numbers the days of the week from Sunday as 1.
    [InlineData("0 0 12 ? * 2-6 2030", "seventh field", "write 0 0 12 * * mon-fri from 2030-01-01 until 2030-12-31T23:59:59.")]
    [InlineData("0 0 12 * * 1-5 *", "seventh field", "write 0 0 12 * * 1-5.")]
    // A zone in front of the expression.
    [InlineData("TZ=America/New_York 0 3 * * *", "zone in front", "write 0 3 * * * in America/New_York, or give the zone apart")]
    [InlineData("CRON_TZ=UTC 0 18 * * *", "zone in front", "write 0 18 * * * in UTC, or give the zone apart")]
    [InlineData("@every 5m", "Go's cron packages", "write every 5 minutes.")]
    [InlineData("@every 1h30m", "Go's cron packages", "write every 1 hour 30 minutes.")]
    public void A_form_of_another_product_is_refused_with_what_to_write(string text, string product, string advice)
    {
        var refused = Assert.Throws<CronFormatException>(() => FireTimes.Cron(text));
        Assert.Contains(product, refused.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
        Assert.Contains(product, Assert.Throws<CronFormatException>(() => CronParser.ParseExpression(text, "job")).Message,
            StringComparison.Ordinal);
        if (advice.EndsWith('.') && advice.StartsWith("write ", StringComparison.Ordinal))
        {
            FireTimes.Cron(advice["write ".Length..^1].Replace("the expression alone: ", "", StringComparison.Ordinal), jobId: "job");
        }
    }

    [Theory]
    [InlineData("? * * * *", "write * for every minute.")]
    [InlineData("0 ? * * *", "write * for every hour.")]
    [InlineData("0 0 1 ? *", "write * for every month.")]
    [InlineData("? 0 0 * * *", "write * for every second.")]
    [InlineData("*/60 * * * *", "for once an hour write 0.")]
    [InlineData("*/90 * * * *", "use an interval: every 90 minutes.")]
    [InlineData("*/120 * * * *", "for every 2 hours write 0 for the minute and */2 for the hour.")]
    [InlineData("0 */24 * * *", "for once a day write the hour, for example 0.")]
    [InlineData("0 */36 * * *", "use an interval: every 36 hours.")]
    [InlineData("0 0 1 */12 *", "for once a year write the month, for example 1.")]
    [InlineData("0~30 * * * *", "write H(0-30)")]
    [InlineData("0 0 LW-1 * *", "L-1W is the weekday nearest to the day 1 before the last.")]
    public void A_part_that_others_know_is_refused_with_advice(string expression, string advice) =>
        Assert.Contains(advice, Assert.Throws<CronFormatException>(() => CronParser.ParseExpression(expression, "job")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("0 0 ? * *")]
    [InlineData("0 0 * * ?")]
    [InlineData("0 0 12 ? * mon-fri")]
    [InlineData("0 0 12 1 * ?")]
    public void A_question_mark_stands_for_either_day(string expression) => CronParser.ParseExpression(expression, null);

    [Theory]
    [InlineData("MONDAY", "mon")]
    [InlineData("thurs", "thu")]
    [InlineData("wendesday", "wed")]
    [InlineData("mond", "mon")]
    [InlineData("firday", "fri")]
    [InlineData("lun", "mon")]
    [InlineData("mar", "tue")]
    [InlineData("Mittwoch", "wed")]
    [InlineData("samedi", "sat")]
    [InlineData("dom", "sun")]
    [InlineData("周一", "mon")]
    // The word means Sunday in one language and Thursday in another.
    [InlineData("do", null)]
    [InlineData("sut", null)]
    public void A_name_of_a_day_is_suggested_and_never_that_of_another(string text, string? day) =>
        Suggests($"0 9 * * {text}", day);

    [Theory]
    [InlineData("January", "jan")]
    [InlineData("sept", "sep")]
    [InlineData("mai", "may")]
    [InlineData("mrz", "mar")]
    [InlineData("août", "aug")]
    [InlineData("dez", "dec")]
    [InlineData("marraskuu", "nov")]
    [InlineData("juy", null)]
    public void A_name_of_a_month_is_suggested_and_never_that_of_another(string text, string? month) =>
        Suggests($"0 9 1 {text} *", month);

    static void Suggests(string expression, string? name)
    {
        var message = Assert.Throws<CronFormatException>(() => CronParser.ParseExpression(expression, null)).Message;
        if (name is null) Assert.DoesNotContain("did you mean", message, StringComparison.Ordinal);
        else Assert.Contains($"did you mean {name}?", message, StringComparison.Ordinal);
    }
}
