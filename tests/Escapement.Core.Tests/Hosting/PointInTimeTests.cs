using Escapement.Hosting;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

public sealed class PointInTimeTests
{
    static readonly DateTimeOffset Now = new(2041, 5, 6, 7, 8, 9, TimeSpan.Zero);
    static readonly ZoneClock Shanghai = ZoneClock.Get("Asia/Shanghai");

    [Theory]
    [InlineData("10m", "2041-05-06T06:58:09+00:00")]
    [InlineData("24h", "2041-05-05T07:08:09+00:00")]
    [InlineData("7d", "2041-04-29T07:08:09+00:00")]
    [InlineData("0s", "2041-05-06T07:08:09+00:00")]
    [InlineData("9999999d", "0001-01-01T00:00:00+00:00")]
    [InlineData("2041-01-31", "2041-01-31T00:00:00+08:00")]
    [InlineData("2041-01-31 09:30", "2041-01-31T09:30:00+08:00")]
    [InlineData("2041-01-31T09:30:00Z", "2041-01-31T09:30:00+00:00")]
    [InlineData("2041-01-31T09:30:00+01:00", "2041-01-31T09:30:00+01:00")]
    [InlineData("2041-01-31T09:30:00 01:00", "2041-01-31T09:30:00+01:00")]
    public void A_point_in_time_is_read(string text, string instant)
    {
        Assert.True(PointInTime.TryParse(text, Now, Shanghai, out var read));
        Assert.Equal(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("24")]
    [InlineData("-24h")]
    [InlineData("24x")]
    [InlineData("00:10:00")]
    [InlineData("2041-02-30")]
    [InlineData("1 h")]
    public void Another_text_is_no_point_in_time(string text) => Assert.False(PointInTime.TryParse(text, Now, Shanghai, out _));
}
