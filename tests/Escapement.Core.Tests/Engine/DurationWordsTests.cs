using System.Globalization;
using Escapement.Engine;
using Xunit;

namespace Escapement.Core.Tests.Engine;

public sealed class DurationWordsTests
{
    [Theory]
    [InlineData("00:00:00", "0 ms"), InlineData("00:00:00.2401070", "240 ms"), InlineData("00:00:01", "1 s")]
    [InlineData("00:00:01.5790000", "1.5 s"), InlineData("00:00:59.9999999", "59.9 s"), InlineData("00:01:00", "1 min")]
    [InlineData("00:03:20.7", "3 min 20 s"), InlineData("01:00:59", "1 h"), InlineData("1.00:00:00", "1 d")]
    [InlineData("2.05:59:59", "2 d 5 h"), InlineData("-01:30:00", "-1 h 30 min")]
    public void A_duration_has_at_most_two_units(string duration, string words) =>
        Assert.Equal(words, DurationWords.Of(TimeSpan.ParseExact(duration, ["c"], CultureInfo.InvariantCulture)));
}
