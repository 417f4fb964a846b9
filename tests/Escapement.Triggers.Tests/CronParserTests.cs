using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class CronParserTests
{
    [Fact]
    public void A_number_out_of_range_is_shown_at_its_place()
    {
        var refused = Assert.Throws<CronFormatException>(() => FireTimes.Cron("61 9 * * mon-fri"));
        Assert.Equal("'61' is not a minute: minutes go from 0 to 59.\n  61 9 * * mon-fri\n  ^^", refused.Message);
        Assert.Equal((0, "61", "61 9 * * mon-fri", null), (refused.Position, refused.Value, refused.Expression, refused.Field));
    }

    [Theory]
    [InlineData("0 9 * * mond", "did you mean mon?")]
    [InlineData("0 9 * june *", "did you mean jun?")]
    [InlineData("@dayly", "did you mean @daily?")]
    [InlineData("0 9 * *", "has 4 fields")]
    [InlineData("0 9 * * * * *", "is a seventh field")]
    [InlineData("0 H * * *", "takes its value from the id of a job")]
    [InlineData("*/60 * * * *", "at most 59 here")]
    [InlineData("0 0 * * 5#6", "is not a week of a month")]
    [InlineData("0 0 32W * *", "is not a day of the month")]
    [InlineData("0 0 L-31 * *", "is too many days before the last")]
    [InlineData("0 9,, * * *", "is empty")]
    public void A_message_says_what_is_wrong_with_an_expression(string expression, string part) =>
        Assert.Contains(part, Assert.Throws<CronFormatException>(() => FireTimes.Cron(expression)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("day", "last-foo")]
    [InlineData("month", "jan/2")]
    [InlineData("day_of_week", "mon#2")]
    [InlineData("day", "2nd fri foo")]
    [InlineData("day", "2nd")]
    [InlineData("day", "L")]
    [InlineData("day_of_week", "7")]
    [InlineData("hour", "5-7/3")]
    [InlineData("hour", "22-2")]
    [InlineData("hour", "*/24")]
    [InlineData("hour", "H")]
    [InlineData("month", "1-mar")]
    [InlineData("hour", "99999999999999999999")]
    public void Nonsense_of_which_only_the_beginning_can_be_read_is_refused(string field, string text)
    {
        var refused = Assert.Throws<CronFormatException>(() =>
            CronDefinition.FromFields(new Dictionary<string, string> { [field] = text }));
        Assert.Equal((field, text), (refused.Field, refused.Expression));
    }

    [Theory]
    [InlineData("hour", "*/23")]
    [InlineData("hour", "5/18")]
    [InlineData("day", "1st mon, last fri , last")]
    [InlineData("minute", "\t5 , 6\r\n")]
    [InlineData("month", "JAN-Mar")]
    public void The_limits_themselves_are_accepted(string field, string text) =>
        Assert.Equal(text.Trim(), CronDefinition.FromFields(new Dictionary<string, string> { [field] = text }).Given![field]);
}
