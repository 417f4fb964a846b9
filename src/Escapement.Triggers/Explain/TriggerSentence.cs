using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Describes a trigger in words, at this single place. The tool shows the sentence verbatim.</summary>
/// <remarks>
/// A sentence names all wall times and days: triggers with different wall times never share a sentence. A sentence
/// omits the effect of clock changes, explained by <see cref="ClockChanges"/>, and the job's id, whose hash is already
/// the value of <c>H</c>. Sets of excluded dates are named without their days.
/// </remarks>
public static class TriggerSentence
{
    /// <summary>Returns the sentence with its full stop.</summary>
    /// <param name="trigger">A trigger of a kind known to <see cref="TriggerJson"/>.</param>
    /// <param name="language">The language of the sentence.</param>
    /// <param name="zone">The zone to omit, because the reader knows the zone. Null names every zone.</param>
    /// <exception cref="ArgumentException">The kind of the trigger has no words.</exception>
    public static string Of(Trigger trigger, Language language, ZoneClock? zone = null)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        SentenceWords words = language == Language.Chinese ? new ChineseWords() : new EnglishWords();
        var text = Body(trigger, words, zone);
        // A bracket may stand in front of the first letter.
        var first = text.IndexOf(text.FirstOrDefault(char.IsLetterOrDigit));
        return text[..first] + char.ToUpperInvariant(text[first]) + text[(first + 1)..] + words.FullStop;
    }

    // Begins with a small letter and has no full stop, because the text may be part of a longer sentence.
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

        // "From the first instant of a day" is shortened to "from the day".
        static string Since(string at) => at.EndsWith(" 00:00", StringComparison.Ordinal) ? at[..^6] : at;

        // A part's zone is named only if the zone differs from the whole's.
        IReadOnlyList<string> Parts(IReadOnlyList<Trigger> triggers, ZoneClock zone) =>
            [.. triggers.Select(part => IsMade(part) ? words.InBrackets(Body(part, words, zone)) : Body(part, words, zone))];

        // Brackets, because a limit of several triggers must not read as a limit of the last trigger alone.
        string Whole(Trigger inner) => IsMade(inner) ? words.InBrackets(Limited(inner, words)) : Limited(inner, words);

        static bool IsMade(Trigger trigger) => trigger is AndTrigger or OrTrigger;
    }

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>
    /// Formats an instant as the zone's clocks show the time, with seconds and fractions only if not zero, and with the
    /// offset only if the clocks show the time twice.
    /// </summary>
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
