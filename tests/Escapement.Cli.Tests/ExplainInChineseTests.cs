using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of <c>escapement explain --lang zh</c>.</summary>
public sealed class ExplainInChineseTests
{
    [Theory]
    [InlineData("(30 2 * * *) or (every 7 minutes from 2026-01-01T00:00:30) except 12-25 times 500 jitter 5 minutes")]
    [InlineData("*/7 1-23/2 13,LW * fri")]
    [InlineData("0 2,9 * * * except 03:00-04:00")]
    [InlineData("every 20 minutes from 2026-01-01")]
    [InlineData("0 0 30 2 *")]
    [InlineData("at 2026-01-01")]
    public async Task Beside_Chinese_words_stand_Chinese_marks(string trigger)
    {
        var (_, output, _) = await Tool.Run("explain", trigger, "--zone", "Europe/Berlin", "--from", "2026-11-25", "--lang", "zh");
        Assert.Matches("[\u4e00-\u9fff]", output);
        Assert.DoesNotMatch("[\u4e00-\u9fff、。] ?[,;:()]|[,;:()] ?[\u4e00-\u9fff]", output);
    }
}
