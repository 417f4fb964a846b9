using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of the explanation of clock changes by <c>escapement explain</c> for combined triggers.</summary>
public sealed class ExplainClockChangesTests
{
    [Theory]
    [InlineData("(30 2 * * *) or (0 9 * * *)", "moved", "of 30 2 * * *, 02:30 does not exist; it fires at 03:00 instead.", "first_pass",
        "of 30 2 * * *, 02:30 comes twice; it fires once, in the first pass.")]
    [InlineData("(30 2 * * *) or (*/30 2 * * *)", "moved",
        "of 30 2 * * *, 02:30 does not exist; it fires at 03:00 instead. Of */30 2 * * *, 02:00 and 02:30 do not exist; it fires once at 03:00 instead.", "both_passes", "of 30 2 * * *, 02:30 comes twice; it fires once, in the first pass. Of */30 2 * * *, 02:00 and 02:30 come twice; it fires in both passes.")]
    [InlineData("(30 2 * * *) or (0 9 * * *) except 03:00-04:00", "excluded",
        "of 30 2 * * *, 02:30 does not exist; 03:00, to which it would move, is excluded: it does not fire.", "first_pass",
        "of 30 2 * * *, 02:30 comes twice; it fires once, in the first pass.")]
    [InlineData("(0 8 * * *) or (0 9 * * *)", "none", "none of its times is skipped.", "none", "none of its times comes twice.")]
    [InlineData("(30 2 * * *) or (0 9 * * * in UTC)", "real_time", "it goes by instants; it fires at 03:00 +02:00.", "real_time",
        "it goes by instants; it fires at 02:30 +02:00.")]
    public async Task An_or_tells_what_becomes_of_each_part(string trigger, string forward, string atForward, string back, string atBack)
    {
        var (_, output, _) = await Tool.Run("explain", trigger, "--zone", "Europe/Berlin", "--from", "2026-11-25", "--json");
        Assert.Equal(
            [(forward, $"On 2027-03-28 clocks go forward from 02:00 to 03:00: {atForward}"),
                (back, $"On 2027-10-31 clocks go back from 03:00 to 02:00: {atBack}")],
            JsonDocument.Parse(output).RootElement.GetProperty("clock_changes").EnumerateArray()
                .Select(change => (change.GetProperty("effect").GetString()!, change.GetProperty("sentence").GetString()!)));
    }
}
