using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>
/// Compares triggers with the rule, evaluated minute by minute with the offsets of .NET.
/// The offsets are exact until 2037.
/// </summary>
public sealed class CronClockChangeTests
{
    static readonly string[] Expressions =
    [
        "* * * * *", "*/7 * * * *", "30 * * * *", "15 2 * * *", "0,30 1,2,3 * * *", "30 1-3 * * *", "5-5 2 * * *", "0 0 * * *",
        "30 0 * * *", "45 23 * * *", "0 12 * * *",
        "*/20 0,23 * * *", "0 0 1 * *", "30 0 * * sun", "0 */2 * * *", "17 3/5 * * *",
    ];

    [Theory]
    [InlineData("Europe/Berlin", "2030-03-30")]
    [InlineData("Europe/Berlin", "2030-10-26")]
    [InlineData("Europe/Dublin", "2030-10-26")]
    [InlineData("Europe/Dublin", "2031-03-29")]
    [InlineData("Africa/Casablanca", "2034-11-10")]
    [InlineData("Africa/Casablanca", "2034-12-16")]
    [InlineData("Africa/Cairo", "2030-04-25")]
    [InlineData("Africa/Cairo", "2030-10-30")]
    [InlineData("America/Sao_Paulo", "2018-11-03")]            // midnight is skipped
    [InlineData("America/Sao_Paulo", "2018-02-16")]            // 23:00 comes twice
    [InlineData("America/St_Johns", "2006-04-01")]             // at 00:01
    [InlineData("America/St_Johns", "2006-10-28")]
    [InlineData("America/Nuuk", "2030-03-29")]
    [InlineData("America/Nuuk", "2030-10-26")]
    [InlineData("America/Santiago", "2030-09-06")]
    [InlineData("Antarctica/Troll", "2030-03-30")]             // two hours
    [InlineData("Antarctica/Troll", "2030-10-26")]
    [InlineData("Australia/Lord_Howe", "2030-04-06")]          // half an hour
    [InlineData("Australia/Lord_Howe", "2030-10-05")]
    [InlineData("Pacific/Apia", "2011-12-28")]                 // a day is skipped
    [InlineData("Pacific/Chatham", "2030-04-06")]
    [InlineData("Asia/Tehran", "2021-09-20")]
    [InlineData("Asia/Gaza", "2030-10-25")]
    public void A_trigger_fires_as_the_rule_says(string zone, string date)
    {
        var from = FireTimes.At(date).AddHours(-12);
        var to = from.AddDays(4);
        foreach (var expression in Expressions)
        {
            var trigger = FireTimes.Cron(expression, zone);
            var expected = ByTheRule(expression, zone, from, to).ToList();
            Assert.Equal([expression, .. expected.Select(IsoTime.Format)],
                [expression, .. FireTimes.Of(trigger, from).TakeWhile(at => at < to).Select(IsoTime.Format)]);
            Assert.Equal(expected.Count, trigger.Count(from, to));
            Assert.Equal(expected.AsEnumerable().Reverse(), Backwards(trigger, to).TakeWhile(at => at >= from));
        }
    }

    [Theory]
    [InlineData("30 1,2 * * *", "Africa/Casablanca", "2034-12-17 00:00:00", "2034-12-17T01:30:00+00:00 2034-12-17T03:00:00+01:00")]
    [InlineData("0 12 30 12 *", "Pacific/Apia", "2011-12-01 00:00:00", "2011-12-31T00:00:00+14:00")]
    [InlineData("0 0 1 1 *", "Pacific/Chatham", "2030-06-01 00:00:00", "2031-01-01T00:00:00+13:45")]
    [InlineData("30 2 * 3 sun", "Europe/Berlin", "2100-03-27 00:00:00", "2100-03-28T03:00:00+02:00")]
    [InlineData("0 0 29 2 *", "Europe/Berlin", "2096-03-01 00:00:00", "2104-02-29T00:00:00+01:00")]
    public void Known_traps_are_avoided(string expression, string zone, string from, string expected)
    {
        var instants = expected.Split(' ');
        Assert.Equal(instants, FireTimes.Of(FireTimes.Cron(expression, zone), FireTimes.At(from, zone)).Take(instants.Length)
            .Select(IsoTime.Format));
    }

    [Fact]
    public void A_field_left_out_counts_as_a_star_only_when_it_stands_for_every_value()
    {
        var from = FireTimes.At("2030-10-26T23:00:00Z");
        // Minute and second take their minimum: 02:00 once.
        Assert.Equal(1, FireTimes.Read("""{"trigger": "cron", "hour": 2}""", "Europe/Berlin").Count(from, from.AddHours(4)));
        // The hour stands for every hour: 02:30 twice.
        Assert.Equal(4, FireTimes.Read("""{"trigger": "cron", "minute": 30}""", "Europe/Berlin").Count(from, from.AddHours(4)));
    }

    static IEnumerable<DateTimeOffset> Backwards(Trigger trigger, DateTimeOffset before)
    {
        for (var previous = trigger.Previous(before); previous is not null; previous = trigger.Previous(previous.Value))
        {
            yield return previous.Value;
        }
    }

    static IEnumerable<DateTimeOffset> ByTheRule(string expression, string zone, DateTimeOffset from, DateTimeOffset to)
    {
        var info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var fields = CronParser.ParseExpression(expression, null);
        var passes = expression.Split(' ')[..2].Any(field => field.AsSpan().IndexOfAny('*', '-', '/') >= 0);
        var instantsOf = new SortedDictionary<DateTime, List<DateTimeOffset>>();
        for (var at = from.AddDays(-2); at < to.AddDays(2); at = at.AddMinutes(1))
        {
            var local = at.ToOffset(info.GetUtcOffset(at));
            if (!instantsOf.TryGetValue(local.DateTime, out var instants)) instantsOf.Add(local.DateTime, instants = []);
            instants.Add(local);
        }

        var fired = new SortedSet<DateTimeOffset>();
        DateTime? before = null;
        foreach (var (wall, instants) in instantsOf)
        {
            for (var skipped = (before ?? wall).AddMinutes(1); skipped < wall; skipped = skipped.AddMinutes(1))
            {
                if (Matches(fields, skipped)) fired.Add(instants[0]);
            }

            before = wall;
            if (!Matches(fields, wall)) continue;
            fired.Add(instants[0]);
            if (passes) fired.UnionWith(instants);
        }

        return fired.Where(at => at >= from && at < to);
    }

    static bool Matches(CronFields fields, DateTime wall) =>
        (fields.Minutes >> wall.Minute & 1) != 0 && (fields.Hours >> wall.Hour & 1) != 0 && (fields.Days >> wall.Day & 1) != 0
        && (fields.Months >> wall.Month & 1) != 0 && (fields.DaysOfWeek >> (int)wall.DayOfWeek & 1) != 0;
}
