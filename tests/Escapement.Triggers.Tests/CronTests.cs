using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of the short way from an expression to fire times.</summary>
public sealed class CronTests
{
    [Fact]
    public void An_expression_in_a_zone_gives_the_next_fire_time_with_the_offset_of_the_zone()
    {
        var friday = new DateTimeOffset(2041, 5, 3, 12, 0, 0, TimeSpan.Zero);
        var next = Cron.Parse("0 9 * * mon-fri", "Asia/Shanghai").Next(friday);
        Assert.Equal("2041-05-06T09:00:00+08:00", IsoTime.Format(next!.Value));
    }

    [Fact]
    public void The_text_of_the_trigger_is_the_expression_and_its_zone_is_the_given_one()
    {
        var trigger = Cron.Parse(" @daily ", "China Standard Time");
        Assert.Equal(("@daily", "Asia/Shanghai"), (trigger.ToString(), trigger.Zone.Name));
        Assert.Equal(trigger.Zone, Cron.Parse("@daily", trigger.Zone).Zone);
    }

    [Fact]
    public void An_H_takes_its_value_from_the_job()
    {
        Assert.Equal(Cron.Parse("H 9 * * *", "UTC", "report").Fields.Minutes, Cron.Parse("H 9 * * *", "UTC", "report").Fields.Minutes);
        Assert.Throws<CronFormatException>(() => Cron.Parse("H 9 * * *", "UTC"));
    }

    [Fact]
    public void An_error_names_the_value_or_the_nearest_zone()
    {
        Assert.Equal("24", Assert.Throws<CronFormatException>(() => Cron.Parse("0 24 * * *", "UTC")).Value);
        Assert.Equal("Asia/Shanghai", Assert.Throws<ZoneNameException>(() => Cron.Parse("0 9 * * *", "Asia/Shangai")).Nearest);
    }
}
