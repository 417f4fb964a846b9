using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Explains the effect of clock changes on a trigger: <c>docs/time.md</c> as sentences.</summary>
public static class ClockChanges
{
    // Some zones change in one direction only, because an offset was corrected for good.
    const int MaxLookedAt = 100;
    const int MaxNamed = 4;
    const long SecondsPerDay = 86_400;

    /// <summary>
    /// Returns the next change in each direction, in order of time. Fewer than two if the zone has no such change
    /// ahead.
    /// </summary>
    /// <param name="trigger">The trigger to explain, in its own zone.</param>
    /// <param name="from">The instant after which changes are returned.</param>
    /// <param name="language">The language of the sentences.</param>
    public static IReadOnlyList<ClockChange> Next(Trigger trigger, DateTimeOffset from, Language language)
    {
        List<ClockChange> changes = [];
        foreach (var change in After(trigger, from, language).Take(MaxLookedAt))
        {
            if (!changes.Exists(other => other.IsForward == change.IsForward)) changes.Add(change);
            if (changes.Count == 2) break;
        }

        return changes;
    }

    /// <summary>Returns all changes after an instant, in order of time. The sequence may be endless.</summary>
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
            ? $"{Text(wallBefore, "yyyy-MM-dd")} 时钟从 {Text(wallBefore, "HH:mm")} 调到 {to}；"
            : $"On {Text(wallBefore, "yyyy-MM-dd")} clocks go {(after > before ? "forward" : "back")} from {Text(wallBefore, "HH:mm")} to {to}: ";
        var (effect, sentence) = WallParts(trigger) is { } parts ? OfParts(parts, at, span, language) : !FollowsTheWall(trigger)
            ? (ClockEffect.RealTime, InRealTime(trigger, at, (after - before).Duration(), language))
            : OfWall(trigger, at, span, language);
        return new(at, before, after, effect, lead + sentence);
    }

    /// <summary>Returns whether the fire times are wall times, each independent of the others.</summary>
    public static bool FollowsTheWall(Trigger trigger) => TriggerText.Parts(trigger).Core is CronTrigger or CalendarIntervalTrigger;

    /// <summary>
    /// Returns whether a change loses times of a trigger that follows the wall clock: times that are not excluded would
    /// move to an excluded instant.
    /// </summary>
    public static bool LosesTimes(Trigger trigger, ClockChange change)
    {
        var (core, exclusions, _) = TriggerText.Parts(trigger);
        var at = UnixTime.Floor(change.At);
        return change.Effect == ClockEffect.Excluded
            && WallTimes(core, at + (long)change.Before.TotalSeconds, at + (long)change.After.TotalSeconds)
                .Any(time => exclusions?.StretchAt(time) is null);
    }

    /// <summary>Returns a part of an <c>or</c> with the exclusions of the whole added to the part.</summary>
    public static Trigger PartOfOr(Trigger part, ExclusionCalendar? exclusions, ZoneClock zone)
    {
        var (core, own, times) = TriggerText.Parts(part);
        // In another zone the exclusions cover other days.
        if (exclusions is null || core is DateTrigger || part.Zone.Name != zone.Name) return part;
        if (own is not null)
        {
            if (own.Spans.Count + exclusions.Spans.Count > ExclusionCalendar.MaxSpans) return part;
            exclusions = ExclusionCalendar.Parse([.. own.Items, .. exclusions.Items], own.Dates.Concat(exclusions.Dates)
                .Where(set => set.Name is not null).DistinctBy(set => set.Name).ToDictionary(set => set.Name!));
        }

        return TriggerText.Limited(core, exclusions, times?.Times, times?.From ?? default);
    }

    // Returns null unless all parts are wall times of the same clock, and no part depends on how often the others
    // fired.
    static List<(string Text, Trigger Part)>? WallParts(Trigger trigger)
    {
        if (TriggerText.Parts(trigger) is not (OrTrigger or, var exclusions, null)) return null;
        return or.Triggers.All(part => FollowsTheWall(part) && part.Zone.Name == or.Zone.Name)
            ? [.. or.Triggers.Select(part => (TriggerText.Write(part, or.Zone), PartOfOr(part, exclusions, or.Zone)))]
            : null;
    }

    static (ClockEffect Effect, string Sentence) OfParts(List<(string Text, Trigger Part)> parts, DateTimeOffset at, in ZoneSpan span,
        Language language)
    {
        List<string> sentences = [];
        var most = ClockEffect.None;
        foreach (var (text, part) in parts)
        {
            var (effect, sentence) = OfWall(part, at, span, language);
            if (effect == ClockEffect.None) continue;
            sentences.Add(Say(language, $"{(sentences.Count == 0 ? "of" : "Of")} {text}, {sentence}", $"{text}：{sentence}"));
            if (Weight(effect) > Weight(most)) most = effect;
        }

        return sentences.Count > 0 ? (most, string.Join(Say(language, " ", ""), sentences)) : OfWall(parts[0].Part, at, span, language);

        // A lost time weighs more than a late time, and both more than a repeated time.
        static int Weight(ClockEffect effect) => Array.IndexOf(
            [ClockEffect.None, ClockEffect.FirstPass, ClockEffect.BothPasses, ClockEffect.Moved, ClockEffect.Excluded], effect);
    }

    static (ClockEffect Effect, string Sentence) OfWall(Trigger trigger, DateTimeOffset at, in ZoneSpan span, Language language) =>
        span.Offset > span.Before ? Gap(trigger, at, span, language) : Overlap(trigger, at, span, language);

    static (ClockEffect Effect, string Sentence) Gap(Trigger trigger, DateTimeOffset at, in ZoneSpan span, Language language)
    {
        var (core, exclusions, _) = TriggerText.Parts(trigger);
        var (low, high) = (span.Start + span.Before, span.Start + span.Offset);
        List<long> times = [.. WallTimes(core, low, high)];
        var fires = trigger.Next(at) == at;
        var isExcluded = !fires && core.Next(at) == at && exclusions?.StretchAt(high) is not null;
        if (times.Count == 0 || !(fires || isExcluded))
        {
            return (ClockEffect.None, Say(language, "none of its times is skipped.", "没有触发时间被跳过。"));
        }

        var instead = Clock(high, HasSeconds([.. times, high]));
        var missing = Name(times, language, "does not exist", "do not exist", "不存在");
        if (isExcluded)
        {
            return (ClockEffect.Excluded,
                Say(language, $"{missing}; {instead}, to which {(times.Count == 1 ? "it" : "they")} would move, is excluded: it does not fire.", $"{missing}；应改在 {instead}，但该时刻被排除：不触发。"));
        }

        var isOwn = WallTimes(core, high, high + 1).Any();
        return (ClockEffect.Moved, isOwn
            ? Say(language, $"{missing}; it fires once at {instead}, which is one of its times anyway.",
                $"{missing}；在 {instead} 触发一次，这本来也是它的触发时间。")
            : Say(language, $"{missing}; it fires {(times.Count == 1 ? "" : "once ")}at {instead} instead.",
                $"{missing}；改在 {instead} 触发{(times.Count == 1 ? "" : "一次")}。"));
    }

    static (ClockEffect Effect, string Sentence) Overlap(Trigger trigger, DateTimeOffset at, in ZoneSpan span, Language language)
    {
        var length = TimeSpan.FromSeconds(span.Before - span.Offset);
        var (first, second) = (Fired(trigger, at - length, at, span.Before), Fired(trigger, at, at + length, span.Offset));
        if (first.Count + second.Count == 0) return (ClockEffect.None, Say(language, "none of its times comes twice.", "没有触发时间出现两次。"));

        var twice = Name(second.Count == 0 ? first : second, language, "comes twice", "come twice", "出现两次");
        if (second.Count == 0)
        {
            return (ClockEffect.FirstPass,
                Say(language, $"{twice}; it fires once{(first.Count == 1 ? "" : " at each")}, in the first pass.",
                $"{twice}；{(first.Count == 1 ? "" : "各")}只在第一次触发。"));
        }

        return (ClockEffect.BothPasses, first.SequenceEqual(second)
            ? Say(language, $"{twice}; it fires in both passes.", $"{twice}；两次都触发。")
            : Say(language, $"it begins or ends between the two passes; {Fires(trigger, at - length, at + length, language)}.",
                $"它在两次之间开始或结束；{Fires(trigger, at - length, at + length, language)}。"));
    }

    // Describes the fire times around the change, by asking the trigger itself.
    static string InRealTime(Trigger trigger, DateTimeOffset at, TimeSpan length, Language language)
    {
        var lead = TriggerText.Parts(trigger).Core is IntervalTrigger
            ? Say(language, "an interval goes on in real time, so its wall times move", "间隔按实际时间计算，钟面时间随之移动")
            : Say(language, "it goes by instants", "按时刻计算");
        return trigger.Next(at - length) < at + length
            ? Say(language, $"{lead}; {Fires(trigger, at - length, at + length, language)}.",
                $"{lead}；{Fires(trigger, at - length, at + length, language)}。")
            : Say(language, $"{lead}; it does not fire near it.", $"{lead}；附近不触发。");
    }

    static string Fires(Trigger trigger, DateTimeOffset from, DateTimeOffset to, Language language)
    {
        List<string> named = [];
        var next = trigger.Next(from);
        for (; next < to && named.Count < MaxNamed; next = trigger.Next(next.Value.JustAfter()))
        {
            named.Add(next.Value.ToString(next.Value.Second == 0 ? "HH:mm zzz" : "HH:mm:ss zzz", CultureInfo.InvariantCulture));
        }

        var isMore = next < to;
        return Say(language, $"it fires at {string.Join(", ", named)}{(isMore ? " and so on" : "")}",
            $"触发于 {string.Join("、", named)}{(isMore ? " 等" : "")}");
    }

    // Returns the matching times between two wall times, skipped and excluded times included.
    static IEnumerable<long> WallTimes(Trigger core, long low, long high)
    {
        if (core is CronTrigger cron)
        {
            var times = new CronWallTimes(cron.Fields);
            for (var at = times.Next(low); at < high; at = times.Next(at + 1)) yield return at;
        }
        else if (core is CalendarIntervalTrigger calendar)
        {
            var time = (long)calendar.Time.ToTimeSpan().TotalSeconds;
            for (var day = (int)Math.Floor(low / (double)SecondsPerDay); day * SecondsPerDay < high; day++)
            {
                var at = (day * SecondsPerDay) + time;
                if (at >= low && at < high && calendar.IsOn(day)) yield return at;
            }
        }
    }

    // Returns the wall times of the fire times between two instants with the same offset.
    static List<long> Fired(Trigger trigger, DateTimeOffset from, DateTimeOffset to, int offset)
    {
        List<long> walls = [];
        for (var next = trigger.Next(from); next < to; next = trigger.Next(next.Value.JustAfter()))
        {
            walls.Add(UnixTime.Floor(next.Value) + offset);
        }

        return walls;
    }

    static string Name(List<long> times, Language language, string one, string several, string chinese)
    {
        var withSeconds = HasSeconds(times);
        if (times.Count > MaxNamed)
        {
            var (first, last) = (Clock(times[0], withSeconds), Clock(times[^1], withSeconds));
            return Say(language, $"its {times.Count} times from {first} to {last} {several}",
                $"从 {first} 到 {last} 的 {times.Count} 个触发时间{chinese}");
        }

        var names = times.ConvertAll(at => Clock(at, withSeconds));
        if (names is [var only]) return Say(language, $"{only} {one}", $"{only} {chinese}");
        return Say(language, $"{string.Join(", ", names[..^1])} and {names[^1]} {several}", $"{string.Join("、", names)} {chinese}");
    }

    static bool HasSeconds(List<long> times) => times.Exists(at => at % 60 != 0);

    static string Say(Language language, string english, string chinese) => language == Language.Chinese ? chinese : english;

    static string Text(DateTime wall, string format) => wall.ToString(format, CultureInfo.InvariantCulture);

    static string Clock(long wall, bool withSeconds) => Text(DateTime.UnixEpoch.AddSeconds(wall), withSeconds ? "HH:mm:ss" : "HH:mm");
}
