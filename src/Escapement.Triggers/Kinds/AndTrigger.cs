namespace Escapement.Triggers;

/// <summary>
/// Fires at the instants at which all of several triggers fire, and ends when any of the triggers has ended.
/// </summary>
/// <remarks>
/// Every search ends in bounded time. Cron triggers of the same zone are combined by their fields, and intervals by
/// arithmetic. For the remaining triggers, the search leaps from the next fire time of a trigger to the next fire time
/// of another. The trigger never fires if there is no common instant within 400 years, because the calendar repeats
/// after 400 years.
/// </remarks>
public sealed class AndTrigger : Trigger, ISearched
{
    internal static readonly TriggerKind Kind = new("and", ["triggers"], fields => new AndTrigger(fields.Triggers(), fields.Zone));

    static readonly TimeSpan CalendarCycle = TimeSpan.FromDays(CivilDay.DaysIn400Years + 1);

    readonly Trigger[] parts;
    readonly bool never;

    // The zone of a cron trigger whose times of day no interval meets. Common instants can then only follow a gap in
    // the zone.
    readonly Lazy<ZoneClock?> onlyAtChangesOf;
    readonly bool repeats;
    FoundLong? found;

    /// <param name="triggers">At least one trigger.</param>
    /// <param name="zone">The zone whose offset the fire times carry.</param>
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
        // Lazy, because the check compares all times of a day and only a search for fire times needs the result.
        onlyAtChangesOf = interval is null || !crons.Any() ? new((ZoneClock?)null)
            : new(() => crons.FirstOrDefault(cron => !interval.MeetsTimesOfDay(cron))?.Zone, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>The parts of the trigger.</summary>
    public IReadOnlyList<Trigger> Triggers { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => Triggers;

    /// <summary>
    /// The single cron trigger to which the parts combine, or null if the parts are not all cron triggers of the same
    /// zone.
    /// </summary>
    public CronTrigger? AsCron => parts is [CronTrigger only] ? only : null;

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from, ref int budget) => FoundLong.Find(this, ref found, from, ref budget);

    DateTimeOffset? ISearched.Search(DateTimeOffset from, ref int budget)
    {
        if (never || !MayBegin(ref budget)) return null;
        if (onlyAtChangesOf.Value is { } changing) return NextAtChange(changing, from, ref budget);

        DateTimeOffset? giveUp = null;
        // The budget ends only for triggers that fire many times a day and miss each other for hundreds of years.
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
            // All parts have begun by this time. Parts that do not meet within a cycle of the calendar never meet.
            giveUp ??= repeats ? latest!.Value.Plus(CalendarCycle) : DateTimeOffset.MaxValue;
            if (latest > giveUp) return null;
            from = latest!.Value;
        }

        return null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before, ref int budget)
    {
        if (never || !MayBegin(ref budget)) return null;
        if (onlyAtChangesOf.Value is { } changing) return PreviousAtChange(changing, before, ref budget);

        DateTimeOffset? giveUp = null;
        // The budget ends only for triggers that fire many times a day and miss each other for hundreds of years.
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
            // Continues at or before the earliest fire time found.
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

    internal override TriggerDefinition DefineCore() => new("and") { { "triggers", Triggers.Select(trigger => trigger.Define()).ToList() } };

    private protected override Trigger MadeOf(IReadOnlyList<Trigger> parts) => new AndTrigger(parts, Zone);

    // Combines the parts that need no stepping. Returns false if no instant can be common.
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
