using System.Globalization;

namespace Escapement.Triggers;

/// <summary>What a trigger does where its zone's clock changes: <c>docs/time.md</c> as sentences.</summary>
static class ClockChanges
{
    // A zone with a change in one direction only: offsets that were corrected for good.
    const int MostLookedAt = 100;
    const int MostNamed = 4;

    /// <summary>The next change in each direction, in the order in which they come; fewer where the zone has none ahead.</summary>
    /// <param name="trigger">Whose zone, and what happens to it.</param>
    /// <param name="from">Only changes after it.</param>
    /// <param name="language">Of the sentences.</param>
    public static IReadOnlyList<ClockChange> Next(Trigger trigger, DateTimeOffset from, Language language)
    {
        List<ClockChange> changes = [];
        foreach (var change in After(trigger, from, language).Take(MostLookedAt))
        {
            if (!changes.Exists(other => other.IsForward == change.IsForward)) changes.Add(change);
            if (changes.Count == 2) break;
        }

        return changes;
    }

    /// <summary>All changes after an instant, as they come; there may be no end to them.</summary>
    public static IEnumerable<ClockChange> After(Trigger trigger, DateTimeOffset from, Language language)
    {
        for (var at = trigger.Zone.NextChange(from); at is { } change; at = trigger.Zone.NextChange(change))
        {
            var span = trigger.Zone.SpanAt(UnixTime.Floor(change));
            if (span.Offset != span.Before) yield return Of(trigger, change, span, language);
        }
    }

    static ClockChange Of(Trigger trigger, DateTimeOffset at, in ZoneSpan span, Language language)
    {
        var (before, after) = (TimeSpan.FromSeconds(span.Before), TimeSpan.FromSeconds(span.Offset));
        var (wallBefore, wallAfter) = (at.UtcDateTime + before, at.UtcDateTime + after);
        var to = wallAfter.Date == wallBefore.Date ? Text(wallAfter, "HH:mm") : Text(wallAfter, "yyyy-MM-dd HH:mm");
        var lead = language == Language.Chinese
            ? $"{Text(wallBefore, "yyyy-MM-dd")} 时钟从 {Text(wallBefore, "HH:mm")} 调到 {to};"
            : $"On {Text(wallBefore, "yyyy-MM-dd")} clocks go {(after > before ? "forward" : "back")} from {Text(wallBefore, "HH:mm")} to {to}: ";
        var (effect, sentence) = trigger is not CronTrigger cron ? (ClockEffect.RealTime, Other(trigger, at, (after - before).Duration(), language))
            : after > before ? Gap(cron, at, span, language) : Overlap(cron, at, span, language);
        return new(at, before, after, effect, lead + sentence);
    }

    static (ClockEffect Effect, string Sentence) Gap(CronTrigger cron, DateTimeOffset at, in ZoneSpan span, Language language)
    {
        var times = new WallTimes(cron.Fields, span.Start + span.Before, span.Start + span.Offset);
        if (times.Count == 0 || cron.Next(at) != at)
        {
            return (ClockEffect.None, Say(language, "none of its times is skipped.", "没有触发时间被跳过。"));
        }

        var instead = Clock(span.Start + span.Offset, times.HasSeconds);
        var isOwn = CronWallTimes.Count(cron.Fields, span.Start + span.Offset, span.Start + span.Offset + 1) > 0;
        var missing = times.Name(language, "does not exist", "do not exist", "不存在");
        return (ClockEffect.Moved, isOwn
            ? Say(language, $"{missing}; it fires once at {instead}, which is one of its times anyway.", $"{missing};在 {instead} 触发一次,这本来也是它的触发时间。")
            : Say(language, $"{missing}; it fires {(times.Count == 1 ? "" : "once ")}at {instead} instead.", $"{missing};改在 {instead} 触发{(times.Count == 1 ? "" : "一次")}。"));
    }

    static (ClockEffect Effect, string Sentence) Overlap(CronTrigger cron, DateTimeOffset at, in ZoneSpan span, Language language)
    {
        var times = new WallTimes(cron.Fields, span.Start + span.Offset, span.Start + span.Before);
        var length = TimeSpan.FromSeconds(span.Before - span.Offset);
        var (first, second) = (cron.Count(at - length, at), cron.Count(at, at + length));
        if (times.Count == 0 || first + second == 0)
        {
            return (ClockEffect.None, Say(language, "none of its times comes twice.", "没有触发时间出现两次。"));
        }

        var twice = times.Name(language, "comes twice", "come twice", "出现两次");
        return second == 0
            ? (ClockEffect.FirstPass, Say(language, $"{twice}; it fires once{(times.Count == 1 ? "" : " at each")}, in the first pass.", $"{twice};{(times.Count == 1 ? "" : "各")}只在第一次触发。"))
            : (ClockEffect.BothPasses, Say(language, $"{twice}; it fires in both passes.", $"{twice};两次都触发。"));
    }

    // What the trigger does around the change, as its own answers say it.
    static string Other(Trigger trigger, DateTimeOffset at, TimeSpan length, Language language)
    {
        var named = new List<string>();
        var isMore = false;
        for (var next = trigger.Next(at - length); next < at + length; next = trigger.Next(next.Value.AddMicroseconds(1)))
        {
            isMore = named.Count == MostNamed;
            if (isMore) break;
            named.Add(next.Value.ToString(next.Value.Second == 0 ? "HH:mm zzz" : "HH:mm:ss zzz", CultureInfo.InvariantCulture));
        }

        var hours = trigger is IntervalTrigger ? Say(language, "an interval goes on in real time, so its wall times move", "间隔按实际时间计算,钟面时间随之移动") : Say(language, "it goes by instants", "按时刻计算");
        return named.Count == 0 ? Say(language, $"{hours}; it does not fire near it.", $"{hours};附近不触发。")
            : Say(language, $"{hours}; it fires at {string.Join(", ", named)}{(isMore ? " and so on" : "")}.", $"{hours};触发于 {string.Join("、", named)}{(isMore ? " 等" : "")}。");
    }

    static string Say(Language language, string english, string chinese) => language == Language.Chinese ? chinese : english;

    static string Text(DateTime wall, string format) => wall.ToString(format, CultureInfo.InvariantCulture);

    static string Clock(long wall, bool withSeconds) => Text(DateTime.UnixEpoch.AddSeconds(wall), withSeconds ? "HH:mm:ss" : "HH:mm");

    /// <summary>The matching wall times between two.</summary>
    sealed class WallTimes(CronFields fields, long low, long high)
    {
        public long Count { get; } = CronWallTimes.Count(fields, low, high);

        public bool HasSeconds { get; } = fields.Seconds != 1;

        public string Name(Language language, string one, string several, string chinese)
        {
            var first = Clock(CronWallTimes.Next(fields, low), HasSeconds);
            if (Count > MostNamed)
            {
                var last = Clock(CronWallTimes.Previous(fields, high - 1), HasSeconds);
                return Say(language, $"its {Count} times from {first} to {last} {several}", $"从 {first} 到 {last} 的 {Count} 个触发时间{chinese}");
            }

            List<string> names = [];
            for (var at = CronWallTimes.Next(fields, low); at < high; at = CronWallTimes.Next(fields, at + 1)) names.Add(Clock(at, HasSeconds));
            if (names is [var only]) return Say(language, $"{only} {one}", $"{only} {chinese}");
            return Say(language, $"{string.Join(", ", names[..^1])} and {names[^1]} {several}", $"{string.Join("、", names)} {chinese}");
        }
    }
}
