using System.Globalization;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Triggers;

/// <summary>Triggers in words.</summary>
public sealed class TriggerSentenceTests
{
    [Theory]
    [InlineData("* * * * *", "Every minute.", "每分钟。")]
    [InlineData("*/5 * * * *", "Every 5 minutes.", "每 5 分钟。")]
    [InlineData("*/5 9-17 * * mon-fri", "Every 5 minutes from 09:00 to 17:55, Monday to Friday.", "周一至周五 09:00 至 17:55 每 5 分钟。")]
    [InlineData("0 9 * * mon-fri", "At 09:00, Monday to Friday.", "周一至周五 09:00。")]
    [InlineData("30 2 * * sun", "At 02:30 every Sunday.", "每周日 02:30。")]
    [InlineData("0 0 * * 1-6", "At 00:00, every day except Sunday.", "除周日外每天 00:00。")]
    [InlineData("0 18 * * friL", "On the last Friday of the month at 18:00.", "每月最后一个周五 18:00。")]
    [InlineData("0 0 29 2 *", "On 29 February at 00:00.", "2 月 29 日 00:00。")]
    [InlineData("0 9,18 * * *", "At 09:00 and 18:00 every day.", "每天 09:00 和 18:00。")]
    [InlineData("0 0 1 1,7 *", "On 1 January and 1 July at 00:00.", "1 月 1 日和 7 月 1 日 00:00。")]
    [InlineData("0 0 * 1,2 5L", "On the last Friday of January and February at 00:00.", "1 月和 2 月的最后一个周五 00:00。")]
    [InlineData("30 * * * *", "At 30 minutes past every hour.", "每小时第 30 分。")]
    [InlineData("15 30 9 * * *", "At 09:30:15 every day.", "每天 09:30:15。")]
    [InlineData("*/10 * 9-17 * * *", "Every 10 seconds from 09:00:00 to 17:59:50 every day.", "每天 09:00:00 至 17:59:50 每 10 秒。")]
    [InlineData("0 9 * nov-feb mon-fri", "At 09:00, Monday to Friday, from November to February.", "11 月至次年 2 月的周一至周五 09:00。")]
    [InlineData("*/30 1-23/2 */2 * *",
        "Every 30 minutes of every 2nd hour from 1 to 23 on every 2nd day from the 1st to the 31st of the month.",
        "每月 1 日至 31 日每 2 天，1、3、5、7、9、11、13、15、17、19、21 和 23 点这几个小时内每 30 分钟。")]
    [InlineData("5,20,55 9-17 * * *", "At 5, 20 and 55 minutes past every hour from 9 to 17 every day.", "每天，9 点至 17 点每小时的第 5、20 和 55 分。")]
    [InlineData("1,2,9 9,13,14 * * *", "At 1, 2 and 9 minutes past the hours 9, 13 and 14 every day.", "每天，9、13 和 14 点的第 1、2 和 9 分。")]
    [InlineData("0 0 LW * *", "On the last weekday of the month at 00:00.", "每月最后一个工作日（周一至周五）00:00。")]
    public void A_sentence_is_what_one_would_say(string expression, string english, string chinese) =>
        Says(FireTimes.Cron(expression), english, chinese);

    [Theory]
    // A step that does not divide its range begins anew, and is not said as if it went on.
    [InlineData("*/25 * * * *", "At 0, 25 and 50 minutes past every hour.", "每小时第 0、25 和 50 分。")]
    [InlineData("0 */5 * * *", "Every 5 hours from 00:00 to 20:00 every day.", "每天 00:00 至 20:00 每 5 小时。")]
    // Both must match: said as a condition, so that it is not read as either.
    [InlineData("0 0 13 * fri", "On the 13th of the month, but only if it is a Friday, at 00:00.", "每月 13 日（仅当该日是周五）00:00。")]
    // Past midnight only where every day has it: else the second half would belong to the day before.
    [InlineData("*/5 22-2 * * *", "Every 5 minutes from 22:00 to 02:55 every day.", "每天 22:00 至次日 02:55 每 5 分钟。")]
    [InlineData("*/5 22-2 * * mon-fri", "Every 5 minutes from 00:00 to 02:55 and from 22:00 to 23:55, Monday to Friday.",
        "周一至周五 00:00 至 02:55 和 22:00 至 23:55 每 5 分钟。")]
    [InlineData("0 0 L-3 * *", "On the day 3 days before the last of the month at 00:00.", "每月倒数第 4 天 00:00。")]
    public void What_can_be_misread_is_said_so_that_it_cannot(string expression, string english, string chinese) =>
        Says(FireTimes.Cron(expression), english, chinese);

    [Theory]
    [InlineData("""{"trigger": "interval", "minutes": 20, "start_date": "2026-01-01"}""",
        "Every 20 minutes, counted from 2026-01-01 00:00.", "每 20 分钟，从 2026-01-01 00:00 起计。")]
    [InlineData("""{"trigger": "interval", "hours": 1, "start_date": "2026-01-01 00:00:30", "end_date": "2026-02-01"}""",
        "Every hour, counted from 2026-01-01 00:00:30, not after 2026-02-01 00:00.",
        "每 1 小时，从 2026-01-01 00:00:30 起计，不晚于 2026-02-01 00:00。")]
    [InlineData("""{"trigger": "date", "run_date": "2041-05-06 07:08:09"}""", "Once, on 2041-05-06 at 07:08:09.",
        "仅一次：2041-05-06 07:08:09。")]
    [InlineData("""{"trigger": "cron", "hour": 9, "year": "2030-2032", "week": "1,3"}""",
        "At 09:00 every day, in ISO weeks 1 and 3, in 2030 to 2032.", "2030 至 2032 年 ISO 第 1 和 3 周每天 09:00。")]
    [InlineData("""{"trigger": "cron", "hour": 9, "start_date": "2026-01-01"}""", "At 09:00 every day, not before 2026-01-01 00:00.",
        "每天 09:00，不早于 2026-01-01 00:00。")]
    [InlineData("""{"trigger": "or", "triggers": [{"trigger": "cron", "hour": 9}, {"trigger": "cron", "day": "last fri", "hour": 18}]}""",
        "Whenever one of these fires: at 09:00 every day; on the last Friday of the month at 18:00.", "下列任一项触发时：每天 09:00；每月最后一个周五 18:00。")]
    [InlineData("""{"trigger": "and", "triggers": [{"trigger": "cron", "hour": 9}, {"trigger": "cron", "hour": 18, "timezone": "Asia/Shanghai"}]}""", "Only when all of these fire at the same instant: at 09:00 every day; at 18:00 every day (Asia/Shanghai).", "仅当下列各项在同一时刻都触发时：每天 09:00；每天 18:00（Asia/Shanghai）。")]
    public void Every_kind_of_trigger_has_a_sentence(string json, string english, string chinese) =>
        Says(FireTimes.Read(json), english, chinese);

    [Fact]
    public void No_kind_is_missing_above() =>
        Assert.Equal(["and", "calendarinterval", "cron", "date", "interval", "or"], TriggerJson.Kinds.Order());

    [Theory]
    [InlineData("every 1 month at 09:00 from 2030-01-31 or last day",
        "On the 31st of every month at 09:00, on the last day where a month is shorter, counted from 2030-01-31.",
        "每月 31 日 09:00，没有该日的月份改为最后一天，从 2030-01-31 起计。")]
    [InlineData("every 1 month at 09:00 from 2030-01-31",
        "On the 31st of every month at 09:00, not in months without that day, counted from 2030-01-31.",
        "每月 31 日 09:00，没有该日的月份略过，从 2030-01-31 起计。")]
    [InlineData("every 3 months at 09:00:15 from 2030-01-05 until 2031-01-05",
        "Every 3 months on the 5th at 09:00:15, counted from 2030-01-05, not after 2031-01-05.",
        "每 3 个月的 5 日 09:00:15，从 2030-01-05 起计，不晚于 2031-01-05。")]
    [InlineData("every 2 weeks at 09:30 from 2030-01-04", "Every 2 weeks on Friday at 09:30, counted from 2030-01-04.",
        "每 2 周的周五 09:30，从 2030-01-04 起计。")]
    [InlineData("every 7 days at 09:30 from 2030-01-04", "Every Friday at 09:30, counted from 2030-01-04.", "每周五 09:30，从 2030-01-04 起计。")]
    [InlineData("every day at 09:30 from 2030-01-04", "Every day at 09:30, counted from 2030-01-04.", "每天 09:30，从 2030-01-04 起计。")]
    [InlineData("every 3 days at 09:30 from 2030-01-04", "Every 3 days at 09:30, counted from 2030-01-04.", "每 3 天 09:30，从 2030-01-04 起计。")]
    [InlineData("every 12 months from 2030-01-31", "On 31 January of every year at 00:00, counted from 2030-01-31.",
        "每年 1 月 31 日 00:00，从 2030-01-31 起计。")]
    [InlineData("every year from 2032-02-29", "On 29 February of every year at 00:00, only in leap years, counted from 2032-02-29.",
        "每年 2 月 29 日 00:00，仅闰年，从 2032-02-29 起计。")]
    [InlineData("every 2 years from 2032-02-29 or last day",
        "Every 2 years on 29 February at 00:00, on 28 February where a year has no 29th, counted from 2032-02-29.",
        "每 2 年的 2 月 29 日 00:00，平年改为 2 月 28 日，从 2032-02-29 起计。")]
    [InlineData("every 1 year 6 months 1 day at 06:00 from 2030-01-31",
        "Every 1 year, 6 months and 1 day at 06:00, not in months without that day, counted from 2030-01-31.",
        "每 1 年 6 个月 1 天 06:00，没有该日的月份略过，从 2030-01-31 起计。")]
    public void A_calendar_interval_names_its_day_and_what_becomes_of_one_that_a_month_lacks(string text, string english,
        string chinese) => Says(Parse(text), english, chinese);

    [Theory]
    [InlineData("0 9 * * * except holidays, 22:00-06:00", "At 09:00 every day, except on holidays and from 22:00 to 06:00.",
        "每天 09:00，holidays 和 22:00 至次日 06:00 除外。")]
    [InlineData("0 9 * * * except 22:00-24:00", "At 09:00 every day, except from 22:00 to 24:00.", "每天 09:00，22:00 至 24:00 除外。")]
    [InlineData("0 9 * * * except holidays, 12-25, 2041-12-24, 2041-12-27/2042-01-02, 12:00-13:00",
        "At 09:00 every day, except on holidays, 2041-12-24, 2041-12-27 to 2042-01-02 and 25 December, and from 12:00 to 13:00.",
        "每天 09:00，holidays、2041-12-24、2041-12-27 至 2042-01-02、每年 12 月 25 日和 12:00 至 13:00 除外。")]
    [InlineData("every 20 minutes from 2030-01-01 times 5",
        "Every 20 minutes, counted from 2030-01-01 00:00, at most 5 times from 2030-01-01.",
        "每 20 分钟，从 2030-01-01 00:00 起计，从 2030-01-01 起最多 5 次。")]
    [InlineData("0 9 * * * except holidays times 1 since 2030-01-01T08:00:00 jitter 30 seconds",
        "At 09:00 every day, except on holidays, at most once from 2030-01-01 08:00, each run up to 30 seconds later.",
        "每天 09:00，holidays 除外，从 2030-01-01 08:00 起最多 1 次，每次运行最多延后 30 秒。")]
    // What limits both must not be read as limiting the second.
    [InlineData("((0 9 * * *) or (0 12 * * sat)) except holidays",
        "(Whenever one of these fires: at 09:00 every day; at 12:00 every Saturday), except on holidays.",
        "（下列任一项触发时：每天 09:00；每周六 12:00），holidays 除外。")]
    [InlineData("(0 9 * * * except holidays) or (0 12 * * sat)",
        "Whenever one of these fires: at 09:00 every day, except on holidays; at 12:00 every Saturday.",
        "下列任一项触发时：每天 09:00，holidays 除外；每周六 12:00。")]
    [InlineData("0 9 * * * except holidays in Asia/Shanghai", "At 09:00 every day, except on holidays (Asia/Shanghai).",
        "每天 09:00，holidays 除外（Asia/Shanghai）。")]
    public void What_limits_a_trigger_is_said_behind_it(string text, string english, string chinese) => Says(Parse(text), english, chinese);

    [Fact]
    public void Every_class_of_trigger_has_a_sentence()
    {
        Trigger[] one =
        [
            Parse("0 9 * * *"), Parse("every 20 minutes"), Parse("every month"), Parse("at 2030-01-01"),
            Parse("(0 9 * * *) and (0 9 1 * *)"), Parse("(0 9 * * *) or (0 12 * * *)"),
            Parse("0 9 * * * except 12-25"), Parse("0 9 * * * times 5"),
        ];
        Assert.Equal(typeof(Trigger).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Trigger))).Select(type => type.Name)
            .Order(), one.Select(trigger => trigger.GetType().Name).Order());
        Assert.All(one, trigger =>
            Assert.All(Enum.GetValues<Language>(), language => Assert.NotEmpty(TriggerSentence.Of(trigger, language))));
    }

    [Theory]
    [InlineData(Language.English)]
    [InlineData(Language.Chinese)]
    public void Calendar_intervals_with_other_fire_times_have_other_sentences(Language language)
    {
        var random = new Random(20310516);
        Dictionary<string, Trigger> known = [];
        for (var i = 0; i < 20_000; i++)
        {
            var step = new CalendarStep(random.Next(3) == 0 ? random.Next(3) : 0, random.Next(2) == 0
                ? random.Next(25)
                : 0, random.Next(3) == 0 ? random.Next(4) : 0, random.Next(2) == 0 ? random.Next(9) : 0);
            if (step == default) continue;
            var start = random.Next(5) == 0
                ? new DateOnly(2032, 2, 29)
                : new DateOnly(2030 + random.Next(2), random.Next(1, 3), random.Next(26, 29));
            if (random.Next(2) == 0) start = new(2030, 1, random.Next(28, 32));
            var trigger = new CalendarIntervalTrigger(step, start, new(random.Next(2), 0), ZoneClock.Utc, null, (MissingDay)random.Next(2));
            var sentence = TriggerSentence.Of(trigger, language, ZoneClock.Utc);
            if (known.TryAdd(sentence, trigger)) continue;
            Assert.True(First(trigger)
                .SequenceEqual(First(known[sentence])), $"'{sentence}' is said of {known[sentence]} and of {trigger}");
        }

        static IEnumerable<DateTimeOffset> First(Trigger trigger)
        {
            var at = trigger.Next(DateTimeOffset.MinValue);
            for (var n = 0; n < 60 && at is { } next; n++, at = trigger.Next(next.AddMicroseconds(1))) yield return next;
        }
    }

    [Fact]
    public void A_zone_that_the_reader_does_not_know_is_named()
    {
        var trigger = FireTimes.Cron("0 9 * * *", "Asia/Shanghai");
        Assert.Equal("At 09:00 every day (Asia/Shanghai).", TriggerSentence.Of(trigger, Language.English));
        Assert.Equal("每天 09:00（Asia/Shanghai）。", TriggerSentence.Of(trigger, Language.Chinese, ZoneClock.Utc));
    }

    [Theory]
    [InlineData(Language.English)]
    [InlineData(Language.Chinese)]
    public void Triggers_with_other_wall_times_have_other_sentences(Language language)
    {
        var random = new Random(20310515);
        Dictionary<string, CronDefinition> known = [];
        for (var i = 0; i < 20_000; i++)
        {
            var definition = i % 3 == 0 ? Fields(random) : CronDefinition.FromExpression(Expression(random));
            var sentence = TriggerSentence.Of(new CronTrigger(definition, ZoneClock.Utc), language, ZoneClock.Utc);
            if (known.TryAdd(sentence, definition)) continue;
            Assert.True(HaveTheSameWallTimes(known[sentence].Fields, definition.Fields),
                $"'{sentence}' is said of {known[sentence]} and of {definition}");
        }
    }

    static Trigger Parse(string text) => TriggerText.Parse(text, new(ZoneClock.Utc,
        FireTimes.At("2026-10-01"))
    { Dates = new Dictionary<string, NamedDates> { ["holidays"] = new("holidays", ["2041-04-19"]) } });

    static void Says(Trigger trigger, string english, string chinese)
    {
        Assert.Equal(english, TriggerSentence.Of(trigger, Language.English, ZoneClock.Utc));
        Assert.Equal(chinese, TriggerSentence.Of(trigger, Language.Chinese, ZoneClock.Utc));
    }

    static bool HaveTheSameWallTimes(CronFields left, CronFields right)
    {
        if ((left.Seconds, left.Minutes, left.Hours) != (right.Seconds, right.Minutes, right.Hours)) return false;
        for (var year = 1990; year < 2060; year++)
        {
            for (var month = 1; month <= 12; month++)
            {
                if (Days(left, year, month) != Days(right, year, month)) return false;
            }
        }

        return true;

        static uint Days(CronFields fields, int year, int month) =>
            fields.HasYear(year) && (fields.Months >> month & 1) != 0 ? fields.DaysIn(year, month) : 0;
    }

    static string Expression(Random random)
    {
        string[] days = ["L", "LW", "L-" + random.Next(1, 31), $"L-{random.Next(1, 31)}W", random.Next(1, 32) + "W"];
        string[] weekdays = [$"{random.Next(7)}L", $"{random.Next(7)}#{random.Next(1, 6)}",
            $"{random.Next(7)}#{random.Next(1, 6)},{random.Next(7)}", "mon-fri", "fri-mon", "sat,sun"];
        return string.Join(' ',
            random.Next(3) > 0 ? "0" : Some(random, 0, 59), Some(random, 0, 59), Some(random, 0, 23),
            random.Next(4) == 0 ? days[random.Next(days.Length)] + (random.Next(3) == 0 ? "," + random.Next(1, 32) : "")
                : Some(random, 1, 31, 2),
            Some(random, 1, 12, 2), random.Next(3) == 0 ? weekdays[random.Next(weekdays.Length)] : Some(random, 0, 6, 2));
    }

    static CronDefinition Fields(Random random)
    {
        string[] days = ["last", "1st mon", "last fri,2nd tue", "3,last sun"];
        var fields = new Dictionary<string, string> { ["hour"] = Some(random, 0, 23) };
        if (random.Next(3) == 0)
        {
            fields["year"] = random.Next(2) == 0
                ? Some(random, 2020, 2040)
                : $"{random.Next(1990, 2010)}-{random.Next(2030, 2060)}/{random.Next(1, 5)}";
        }

        if (random.Next(3) == 0) fields["month"] = Some(random, 1, 12);
        if (random.Next(3) == 0) fields["week"] = Some(random, 1, 53);
        if (random.Next(2) == 0) fields["day"] = random.Next(2) == 0 ? days[random.Next(days.Length)] : Some(random, 1, 31);
        if (random.Next(3) == 0) fields["day_of_week"] = Some(random, 0, 6);
        if (random.Next(2) == 0) fields["minute"] = Some(random, 0, 59);
        if (random.Next(4) == 0) fields["second"] = Some(random, 0, 59);
        return CronDefinition.FromFields(fields);
    }

    // Every value, one, a step, a range, and lists that are like a step or a range but for one number.
    static string Some(Random random, int first, int last, int stars = 1)
    {
        if (random.Next(6) < stars) return "*";
        if (random.Next(5) == 0) return random.Next(first, last + 1).ToString(CultureInfo.InvariantCulture);
        var step = random.Next(1, Math.Max(2, (last - first) / 2));
        if (random.Next(3) == 0 && first < 2000) return "*/" + step;
        var start = random.Next(first, last);
        var numbers = new SortedSet<int>();
        for (var number = start; number <= last && numbers.Count < 20; number += random.Next(2) == 0 ? 1 : step) numbers.Add(number);
        if (random.Next(2) == 0) numbers.Add(random.Next(first, last + 1));
        return string.Join(',', numbers);
    }
}
