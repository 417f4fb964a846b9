using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Triggers;

/// <summary>What a trigger does where the clock changes, and why one never fires, in words.</summary>
public sealed class TriggersAtChangesInWords
{
    const string Forward = "On 2027-03-28 clocks go forward from 02:00 to 03:00: ";
    const string Back = "On 2026-10-25 clocks go back from 03:00 to 02:00: ";

    [Theory]
    [InlineData("30 2 * * *", "02:30 comes twice; it fires once, in the first pass.", "02:30 does not exist; it fires at 03:00 instead.")]
    [InlineData("*/20 2 * * *", "02:00, 02:20 and 02:40 come twice; it fires in both passes.", "02:00, 02:20 and 02:40 do not exist; it fires once at 03:00 instead.")]
    [InlineData("0,30 2 * * *", "02:00 and 02:30 come twice; it fires once at each, in the first pass.", "02:00 and 02:30 do not exist; it fires once at 03:00 instead.")]
    [InlineData("0 * * * *", "02:00 comes twice; it fires in both passes.", "02:00 does not exist; it fires once at 03:00, which is one of its times anyway.")]
    [InlineData("* * * * *", "its 60 times from 02:00 to 02:59 come twice; it fires in both passes.", "its 60 times from 02:00 to 02:59 do not exist; it fires once at 03:00, which is one of its times anyway.")]
    [InlineData("30 2 * * mon-fri", "none of its times comes twice.", "none of its times is skipped.")]
    public void Each_direction_is_told(string expression, string back, string forward) =>
        Assert.Equal([Back + back, Forward + forward], Sentences(FireTimes.Cron(expression, "Europe/Berlin")));

    [Fact]
    public void An_interval_goes_on_in_real_time() => Assert.Equal(
        Forward + "an interval goes on in real time, so its wall times move; it fires at 01:00 +01:00, 03:00 +02:00.",
        Sentences(FireTimes.Read("""{"trigger": "interval", "hours": 1, "start_date": "2026-01-01"}""", "Europe/Berlin"))[1]);

    [Fact]
    public void A_zone_without_changes_has_nothing_to_tell() => Assert.Empty(Sentences(FireTimes.Cron("0 2 * * *", "Asia/Shanghai")));

    [Theory]
    [InlineData("0 0 30 2 *", "It never fires: 30 February does not exist.")]
    [InlineData("0 0 31 4,6 *", "It never fires: none of its months has a day 31.")]
    [InlineData("0 0 1-7 * friL", "It never fires: no day matches all of its fields.")]
    [InlineData("0 0 * * *", null)]
    public void A_trigger_that_never_fires_says_why(string expression, string? why) =>
        Assert.Equal(why, NeverFires.Why(FireTimes.Cron(expression), FireTimes.At("2026-10-01"), Language.English));

    [Fact]
    public void A_trigger_that_has_ended_says_when() => Assert.Equal(
        "It never fires again: the last time was 2020-12-31T09:00:00+00:00.",
        NeverFires.Why(FireTimes.Read("""{"trigger": "cron", "year": 2020, "hour": 9}"""), FireTimes.At("2026-10-01"), Language.English));

    static List<string> Sentences(Trigger trigger) => [.. ClockChanges.Next(trigger, FireTimes.At("2026-10-01"), Language.English).Select(change => change.Sentence)];
}
