using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Triggers;

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

    [Fact]
    public void A_folder_is_no_zone() =>
        Assert.StartsWith("America/", Assert.Throws<ZoneNameException>(() => ZoneClock.Get("America/")).Nearest, StringComparison.Ordinal);

    [Fact]
    public void The_machine_has_a_zone() => Assert.NotEmpty(ZoneClock.Local.Name);
}
