using System.Globalization;

namespace Escapement.Triggers;

/// <summary>A trigger in words, made at this one place: the tool shows it word for word.</summary>
/// <remarks>
/// A sentence names wall times and days, and says all of them: triggers whose wall times differ never share a sentence. Two things are not in it. What happens where the clock
/// changes is told by <see cref="ClockChanges"/>; and the job's id, from which <c>H</c> took its value, has become that value. A set of excluded dates is named, not its days.
/// </remarks>
public static class TriggerSentence
{
    /// <summary>The sentence with its full stop.</summary>
    /// <param name="trigger">Of one of the kinds that <see cref="TriggerJson"/> knows.</param>
    /// <param name="language">In which it is said.</param>
    /// <param name="zone">The zone that the reader knows, and which is therefore not named; null: every zone is.</param>
    /// <exception cref="ArgumentException">The trigger is of a kind that has no words.</exception>
    public static string Of(Trigger trigger, Language language, ZoneClock? zone = null)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        SentenceWords words = language == Language.Chinese ? new ChineseWords() : new EnglishWords();
        var text = Body(trigger, words, zone);
        // Brackets may stand in front.
        var first = text.IndexOf(text.FirstOrDefault(char.IsLetterOrDigit));
        return text[..first] + char.ToUpperInvariant(text[first]) + text[(first + 1)..] + words.FullStop;
    }

    // Begins with a small letter, without a full stop: also the part of a longer sentence.
    static string Body(Trigger trigger, SentenceWords words, ZoneClock? known)
    {
        var text = Limited(trigger, words);
        if (trigger.Jitter > TimeSpan.Zero) text += words.Jitter(trigger.Jitter);
        return trigger.Zone.Name == known?.Name ? text : text + words.Zone(trigger.Zone.Name);
    }

    static string Limited(Trigger trigger, SentenceWords words)
    {
        return trigger switch
        {
            CronTrigger cron => words.Cron(cron.Definition.Fields) + words.Bounds(At(cron.Start, cron), At(cron.End, cron)),
            IntervalTrigger interval =>
                words.Interval(interval.Interval, At(interval.Start, interval)!) + words.Bounds(null, At(interval.End, interval)),
            CalendarIntervalTrigger calendar =>
                words.CalendarInterval(calendar, Day(calendar.Start)) + words.Bounds(null, calendar.End is { } end ? Day(end) : null),
            DateTrigger date => words.Date(At(date.At, date)!),
            AndTrigger and => words.All(Parts(and.Triggers, and.Zone)),
            OrTrigger or => words.Any(Parts(or.Triggers, or.Zone)),
            ExcludingTrigger except => Whole(except.Inner) + words.Except(except.Exclusions),
            LimitedTrigger times => Whole(times.Inner) + words.Times(times.Times, Since(At(times.From, times)!)),
            _ => throw new ArgumentException($"A {trigger.GetType().Name} has no sentence.", nameof(trigger)),
        };

        // From the first instant of a day on: from that day on.
        static string Since(string at) => at.EndsWith(" 00:00", StringComparison.Ordinal) ? at[..^6] : at;

        // A part is named with a zone of its own only where it has one.
        IReadOnlyList<string> Parts(IReadOnlyList<Trigger> triggers, ZoneClock zone) =>
            [.. triggers.Select(part => IsMade(part) ? words.InBrackets(Body(part, words, zone)) : Body(part, words, zone))];

        // What limits several triggers must not be read as limiting the last of them.
        string Whole(Trigger inner) => IsMade(inner) ? words.InBrackets(Limited(inner, words)) : Limited(inner, words);

        static bool IsMade(Trigger trigger) => trigger is AndTrigger or OrTrigger;
    }

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An instant as its zone's clocks show it: seconds and their fraction only when there are any, the offset only when the clocks show this time twice.</summary>
    static string? At(DateTimeOffset? instant, Trigger trigger)
    {
        if (instant is null) return null;
        var wall = trigger.Zone.ToZone(instant.Value);
        var format = wall.Ticks % TimeSpan.TicksPerSecond != 0 ? "yyyy-MM-dd HH:mm:ss.FFFFFF" : wall.Second != 0
            ? "yyyy-MM-dd HH:mm:ss"
            : "yyyy-MM-dd HH:mm";
        if (trigger.Zone.FromWall(wall.DateTime).Kind == WallTimeKind.Repeated) format += " zzz";
        return wall.ToString(format, CultureInfo.InvariantCulture);
    }
}
