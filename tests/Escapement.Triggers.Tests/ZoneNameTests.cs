using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class ZoneNameTests
{
    [Theory]
    [InlineData("Europe/Berlin", "Europe/Berlin", false)]
    [InlineData("UTC", "UTC", false)]
    [InlineData("Etc/UTC", "Etc/UTC", false)]
    [InlineData("europe/BERLIN", "Europe/Berlin", true)]
    [InlineData("China Standard Time", "Asia/Shanghai", true)]
    public void A_name_is_accepted_as_the_zone_data_write_it(string text, string name, bool isCorrected)
    {
        Assert.Equal(name, ZoneName.Parse(text, out var remark));
        Assert.Equal(isCorrected, remark is not null);
        Assert.Equal(name, ZoneClock.Get(text).Name);
    }

    [Theory]
    [InlineData("Asia/Shangai", "Asia/Shanghai")]
    [InlineData("Europa/Berlin", "Europe/Berlin")]
    [InlineData("posix/Europe/Berlin", "Europe/Berlin")]
    [InlineData("right/Europe/Berlin", "Europe/Berlin")]
    [InlineData("localtime", null)]
    [InlineData("posixrules", null)]
    [InlineData("Factory", null)]
    [InlineData("../zones/UTC", null)]
    [InlineData("/etc/passwd", null)]
    [InlineData("Europe//Berlin", "Europe/Berlin")]
    [InlineData("zone.tab", null)]
    [InlineData("", null)]
    [InlineData("Mars/Olympus", null)]
    public void What_is_no_zone_is_refused_with_the_nearest_one(string text, string? nearest) =>
        Assert.Equal(nearest, Assert.Throws<ZoneNameException>(() => ZoneClock.Get(text)).Nearest);

    [Theory]
    [InlineData("PST", "America/Los_Angeles")]
    [InlineData("edt", "America/New_York")]
    [InlineData("UTC+8", "Asia/Shanghai")]
    [InlineData("GMT+05:30", "Asia/Kolkata")]
    [InlineData("+0900", "Asia/Tokyo")]
    [InlineData("UTC-5", "Etc/GMT+5")]
    [InlineData("CST", "Asia/Shanghai")]
    [InlineData("IST", "Asia/Kolkata")]
    [InlineData("CEST", "Europe/Berlin")]
    [InlineData("Etc/UTC+8", "Etc/GMT-8")]
    public void An_abbreviation_or_offset_is_no_zone_and_names_zones_that_use_it(string text, string zone)
    {
        var refused = Assert.Throws<ZoneNameException>(() => ZoneClock.Get(text));
        Assert.Contains("and not a time zone", refused.Message, StringComparison.Ordinal);
        Assert.Contains(zone, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("XST")]
    [InlineData("PSX")]
    [InlineData("UTD")]
    [InlineData("Etc/GMT+15")]
    public void What_is_near_only_by_its_letters_is_not_suggested(string text) =>
        Assert.Null(Assert.Throws<ZoneNameException>(() => ZoneClock.Get(text)).Nearest);

    [Theory]
    [InlineData("Asia/Beijing", "Asia/Shanghai")]
    [InlineData("Berlin", "Europe/Berlin")]
    [InlineData("America/Los Angeles", "America/Los_Angeles")]
    [InlineData("San Francisco", "America/Los_Angeles")]
    public void A_city_is_named_by_the_zone_in_which_it_lies(string text, string zone) =>
        Assert.Equal(zone, Assert.Throws<ZoneNameException>(() => ZoneClock.Get(text)).Nearest);

    [Fact]
    public void A_folder_is_no_zone() =>
        Assert.StartsWith("America/", Assert.Throws<ZoneNameException>(() => ZoneClock.Get("America/")).Nearest, StringComparison.Ordinal);

    [Fact]
    public void The_machine_has_a_zone() => Assert.NotEmpty(ZoneClock.Local.Name);
}
