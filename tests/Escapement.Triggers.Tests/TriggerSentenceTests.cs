using System.Globalization;
using System.Reflection;
using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of the description of triggers in words.</summary>
public sealed class TriggerSentenceTests
{
    /// <summary>
    /// Compares all sentences of a language with its approved file.
    /// Each line of the file is a trigger, a tab and its sentence.
    /// </summary>
    /// <remarks>
    /// With <c>ESCAPEMENT_APPROVE=1</c>, the file is rewritten for review as a difference.
    /// A new trigger is a line without a sentence.
    /// </remarks>
    [Theory]
    [InlineData(Language.English, "Sentences.en.txt")]
    [InlineData(Language.Chinese, "Sentences.zh.txt")]
    public void Sentences_are_as_approved(Language language, string name)
    {
        var path = Path.Combine(Folder, name);
        var approved = File.ReadAllText(path);
        var said = string.Join('\n', approved.Split('\n').Select(line => Approvable(line, language)));
        if (Environment.GetEnvironmentVariable("ESCAPEMENT_APPROVE") == "1") File.WriteAllText(path, said);
        else Assert.Equal(approved, said, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Both_languages_say_the_same_triggers()
    {
        Assert.Equal(Triggers("Sentences.en.txt"), Triggers("Sentences.zh.txt"));

        static IEnumerable<string> Triggers(string name) => File.ReadLines(Path.Combine(Folder, name)).Select(line => line.Split('\t')[0]);
    }

    static string Folder { get; } = typeof(TriggerSentenceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Sentences").Value!;

    static string Approvable(string line, Language language)
    {
        var text = line.Split('\t')[0].TrimEnd('\r');
        if (text.Length == 0 || text[0] == '#') return text;
        var trigger = text[0] == '{' ? FireTimes.Read(text) : Parse(text);
        return text + "\t" + TriggerSentence.Of(trigger, language, ZoneClock.Utc);
    }

    [Fact]
    public void Every_kind_of_trigger_is_among_the_approved() =>
        Assert.Equal(["and", "calendarinterval", "cron", "date", "interval", "or"], TriggerJson.Kinds.Order());

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

    // Every value, a single value, a step, a range, and lists that differ from a step or a range by a single number.
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
