namespace Escapement.Triggers;

/// <summary>The limits after a trigger in its text form. Part of <see cref="TriggerTextReader"/>.</summary>
sealed class TriggerTextLimits
{
    readonly HashSet<string> taken = [];
    readonly Dictionary<string, (bool IsDay, Func<ZoneClock, DateTimeOffset> Instant, Func<ZoneClock, bool> HasOffset)> instants = [];

    public Func<ZoneClock>? Zone { get; set; }

    public Func<TriggerContext, ExclusionCalendar>? Except { get; set; }

    public int? Times { get; set; }

    public TimeSpan Jitter { get; set; }

    /// <summary>Whether the last day of a month replaces a day that the month lacks.</summary>
    public bool LastDay { get; set; }

    public Func<ZoneClock, DateTimeOffset>? Start => Find("from");

    public Func<ZoneClock, DateTimeOffset>? End => Find("until");

    /// <summary>Whether the start is a day without a time, or is not given.</summary>
    public bool StartIsDay => !instants.TryGetValue("from", out var given) || given.IsDay;

    public bool EndIsDay => !instants.TryGetValue("until", out var given) || given.IsDay;

    public bool StartHasOffset(ZoneClock zone) => instants.TryGetValue("from", out var given) && given.HasOffset(zone);

    /// <summary>Returns false if the word was given before.</summary>
    public bool Take(string word) => taken.Add(word);

    public void Set(string word, bool isDay, Func<ZoneClock, DateTimeOffset> instant, Func<ZoneClock, bool> hasOffset) =>
        instants[word] = (isDay, instant, hasOffset);

    public DateOnly? DayOf(string word, ZoneClock zone) =>
        Find(word) is { } instant ? DateOnly.FromDateTime(zone.ToZone(instant(zone)).DateTime) : null;

    public void RefuseStartAndEnd(string what)
    {
        if (Start is not null || End is not null)
        {
            throw new TriggerFormatException(Start is null
                ? "until"
                : "from", what, "has no start and no end of its own", "leave it out, or put it behind a trigger that has");
        }

        if (LastDay) throw new TriggerFormatException("or last day", what, "has no day that a month may lack", "leave it out");
    }

    public Trigger Apply(Trigger core, TriggerContext context)
    {
        if (LastDay && core is not CalendarIntervalTrigger)
        {
            throw new TriggerFormatException("or last day", core.ToString(), "has no day that a month may lack", "leave it out");
        }

        if (core is DateTrigger && (Except is not null || Times is not null || Jitter > TimeSpan.Zero))
        {
            throw new TriggerFormatException("at", core.ToString(), "fires once", "leave out except, times and jitter");
        }

        if (core is LimitedTrigger or ExcludingTrigger && (Except is not null || Times is not null))
        {
            throw new TriggerFormatException("except", core.ToString(), "is limited inside its parentheses already",
                "put except and times behind one another, without parentheses");
        }

        if (Times is null && Find("since") is not null)
        {
            throw new TriggerFormatException("since", core.ToString(), "counts nothing",
                "it says from when on times are counted: times 5 since 2041-05-06");
        }

        var exclusions = Except?.Invoke(context);
        var from = Find("since")?.Invoke(context.Zone) ?? TriggerText.CountedFrom(core, context);
        var trigger = TriggerText.Limited(core, exclusions, Times, from);
        return Jitter > TimeSpan.Zero ? trigger.WithJitter(Jitter) : trigger;
    }

    Func<ZoneClock, DateTimeOffset>? Find(string word) => instants.TryGetValue(word, out var given) ? given.Instant : null;
}
