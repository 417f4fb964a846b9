namespace Escapement.Triggers;

/// <summary>Fires at the instants at which all of several triggers fire; ends when one of them has ended.</summary>
/// <remarks>
/// Always answers, and in bounded time. Cron triggers of one zone are joined by their fields, and intervals by arithmetic; what remains is found by leaping from one
/// trigger's next fire time to the other's. It says never when there is no common instant within the 400 years after which the calendar repeats.
/// </remarks>
public sealed class AndTrigger : Trigger, ISearched
{
    static readonly TimeSpan CalendarCycle = TimeSpan.FromDays(CivilDay.DaysIn400Years + 1);

    readonly Trigger[] parts;
    readonly bool never;

    // A cron trigger whose times of day no interval meets: common instants can only be those that follow a gap in its zone.
    readonly Lazy<ZoneClock?> onlyAtChangesOf;
    readonly bool repeats;
    FoundLong? found;

    /// <param name="triggers">At least one.</param>
    /// <param name="zone">In whose offset the answers are given.</param>
    public AndTrigger(IReadOnlyList<Trigger> triggers, ZoneClock zone)
    {
        ArgumentOutOfRangeException.ThrowIfZero(triggers.Count, nameof(triggers));
        Triggers = [.. triggers];
        Zone = zone;
        var flat = triggers.SelectMany(trigger => trigger is AndTrigger and ? and.parts : [trigger]).ToList();
        never = !Join(flat, out parts) || triggers.Any(trigger => trigger is AndTrigger { never: true });
        repeats = !parts.Any(part =>
            part is CronTrigger { HasYears: true } or OrTrigger or CalendarIntervalTrigger or ExcludingTrigger or LimitedTrigger);
        var interval = parts.OfType<IntervalTrigger>().FirstOrDefault();
        var crons = parts.OfType<CronTrigger>();
        // Looks at all times of a day: only for those who ask for fire times.
        onlyAtChangesOf = interval is null || !crons.Any() ? new((ZoneClock?)null)
            : new(() => crons.FirstOrDefault(cron => !interval.MeetsTimesOfDay(cron))?.Zone, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>What it is made of.</summary>
    public IReadOnlyList<Trigger> Triggers { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => Triggers;

    /// <summary>The one cron trigger that its parts are together, with the values that they share; null where they are not all cron triggers of one zone.</summary>
    public CronTrigger? AsCron => parts is [CronTrigger only] ? only : null;

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        var budget = MaxSearch;
        return Next(from, ref budget);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from, ref int budget) => FoundLong.Find(this, ref found, from, ref budget);

    DateTimeOffset? ISearched.Search(DateTimeOffset from, ref int budget)
    {
        if (never || !MayBegin(ref budget)) return null;
        if (onlyAtChangesOf.Value is { } changing) return NextAtChange(changing, from, ref budget);

        DateTimeOffset? giveUp = null;
        // Only triggers that miss each other for hundreds of years, each many times a day, come to the end of their looks.
        while (budget > 0)
        {
            DateTimeOffset? earliest = null, latest = null;
            budget -= parts.Length;
            foreach (var part in parts)
            {
                if (budget <= 0) return null;
                if (part.Next(from, ref budget) is not { } next) return null;
                if (!(next >= earliest)) earliest = next;
                if (!(next <= latest)) latest = next;
            }

            if (earliest == latest) return Zone.AtTicks(latest!.Value.UtcTicks);
            // All have begun by now; what does not meet within one cycle of the calendar never does.
            giveUp ??= repeats ? latest!.Value.Plus(CalendarCycle) : DateTimeOffset.MaxValue;
            if (latest > giveUp) return null;
            from = latest!.Value;
        }

        return null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        var budget = MaxSearch;
        return Previous(before, ref budget);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before, ref int budget)
    {
        if (never || !MayBegin(ref budget)) return null;
        if (onlyAtChangesOf.Value is { } changing) return PreviousAtChange(changing, before, ref budget);

        DateTimeOffset? giveUp = null;
        // Only triggers that miss each other for hundreds of years, each many times a day, come to the end of their looks.
        while (budget > 0)
        {
            DateTimeOffset? earliest = null, latest = null;
            budget -= parts.Length;
            foreach (var part in parts)
            {
                if (budget <= 0) return null;
                if (part.Previous(before, ref budget) is not { } previous) return null;
                if (!(previous >= earliest)) earliest = previous;
                if (!(previous <= latest)) latest = previous;
            }

            if (earliest == latest) return Zone.AtTicks(latest!.Value.UtcTicks);
            giveUp ??= repeats ? earliest!.Value.Minus(CalendarCycle) : DateTimeOffset.MinValue;
            if (earliest < giveUp) return null;
            // At or before the earliest of them.
            before = earliest!.Value.JustAfter();
        }

        return null;
    }

    bool MayBegin(ref int budget)
    {
        if (onlyAtChangesOf.IsValueCreated) return true;
        if (budget <= LooksToBegin) budget = 0;
        return budget > 0;
    }

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

    private protected override Trigger MadeOf(IReadOnlyList<Trigger> parts) => new AndTrigger(parts, Zone);

    // Joins what can be joined without stepping; false when nothing can be common.
    static bool Join(List<Trigger> triggers, out Trigger[] parts)
    {
        var joined = triggers.Where(trigger => trigger is not (CronTrigger or IntervalTrigger)).ToList();
        foreach (var zone in triggers.OfType<CronTrigger>().GroupBy(cron => cron.Zone))
        {
            joined.Add(zone.Count() == 1 ? zone.First() : CronTrigger.Intersect([.. zone]));
        }

        Trigger? interval = null;
        foreach (var other in triggers.OfType<IntervalTrigger>())
        {
            if (interval is IntervalTrigger first)
            {
                interval = IntervalTrigger.Intersect(first, other);
                if (interval is null)
                {
                    parts = [.. triggers];
                    return false;
                }
            }
            else if (interval is not null)
            {
                joined.Add(other);
            }
            else
            {
                interval = other;
            }
        }

        if (interval is not null) joined.Add(interval);
        parts = [.. joined];
        return true;
    }

    DateTimeOffset? NextAtChange(ZoneClock zone, DateTimeOffset from, ref int budget)
    {
        var at = UnixTime.Ceiling(from);
        var giveUp = Math.Min(UnixTime.Max, repeats ? at + (long)CalendarCycle.TotalSeconds : UnixTime.Max);
        if (zone.SpanAt(at).Start < at) at = zone.SpanAt(at).End;
        for (; at <= giveUp && budget > 0; at = zone.SpanAt(at).End)
        {
            if (zone.AtSeconds(at) is { } change && AllFireAt(change, ref budget)) return Zone.ToZone(change);
        }

        return null;
    }

    DateTimeOffset? PreviousAtChange(ZoneClock zone, DateTimeOffset before, ref int budget)
    {
        var at = zone.SpanAt(UnixTime.Ceiling(before) - 1).Start;
        for (; at >= UnixTime.Min && budget > 0; at = zone.SpanAt(at - 1).Start)
        {
            if (zone.AtSeconds(at) is { } change && AllFireAt(change, ref budget)) return Zone.ToZone(change);
        }

        return null;
    }

    bool AllFireAt(DateTimeOffset instant, ref int budget)
    {
        foreach (var part in parts)
        {
            budget--;
            if (part.Next(instant, ref budget) != instant) return false;
        }

        return true;
    }
}
