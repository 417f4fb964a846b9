namespace Escapement.Triggers;

/// <summary>Fires when another trigger does, except on excluded days and in excluded parts of each day.</summary>
/// <remarks>
/// Every search ends in bounded time: from each excluded fire time, the search leaps to the end of the exclusion. The
/// trigger never fires if nothing is left within 400 years, because the calendar repeats after 400 years. The 400 years
/// count from the last day that is excluded in a single year.
/// </remarks>
public sealed class ExcludingTrigger : Trigger, ISearched
{
    const long FourHundredYears = (CivilDay.DaysIn400Years + 1) * 86_400L;

    FoundLong? found;

    /// <param name="inner">The trigger that yields the fire times.</param>
    /// <param name="exclusions">The exclusions, by the wall time of the trigger's zone.</param>
    /// <exception cref="ArgumentException">The trigger already has exclusions or a limit, or is a date.</exception>
    public ExcludingTrigger(Trigger inner, ExclusionCalendar exclusions)
    {
        if (inner is ExcludingTrigger or LimitedTrigger or DateTrigger)
        {
            throw new ArgumentException($"'{inner}' cannot leave out more. Give all exclusions at once, and before a number of times.",
                nameof(inner));
        }

        (Inner, Exclusions, Jitter) = (inner, exclusions, inner.Jitter);
    }

    /// <inheritdoc/>
    public override ZoneClock Zone => Inner.Zone;

    /// <summary>The trigger that yields the fire times.</summary>
    public Trigger Inner { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => [Inner];

    /// <inheritdoc/>
    public override IEnumerable<NamedDates> ExcludedDates =>
        Exclusions.Dates.Where(dates => dates.Name is not null).Concat(base.ExcludedDates);

    /// <summary>The excluded days and parts of days.</summary>
    public ExclusionCalendar Exclusions { get; }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from, ref int budget) => FoundLong.Find(this, ref found, from, ref budget);

    DateTimeOffset? ISearched.Search(DateTimeOffset from, ref int budget)
    {
        if (Exclusions.IsAlways) return null;
        long? giveUp = null;
        while (budget-- > 0 && Inner.Next(from, ref budget) is { } next)
        {
            var at = UnixTime.Floor(next);
            var span = Zone.SpanAt(at);
            if (Exclusions.StretchAt(at + span.Offset) is not { } stretch) return next;
            giveUp ??= Math.Max(at, (Exclusions.Fixed.Last ?? -1_000_000) * 86_400L) + FourHundredYears;
            var end = Math.Min(stretch.End - span.Offset, span.End);
            if (at > giveUp || Instant(end) is not { } after) return null;
            from = after;
        }

        return null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before, ref int budget)
    {
        if (Exclusions.IsAlways) return null;
        long? giveUp = null;
        while (budget-- > 0 && Inner.Previous(before, ref budget) is { } previous)
        {
            var at = UnixTime.Floor(previous);
            var span = Zone.SpanAt(at);
            if (Exclusions.StretchAt(at + span.Offset) is not { } stretch) return previous;
            giveUp ??= Math.Min(at, (Exclusions.Fixed.First ?? 4_000_000) * 86_400L) - FourHundredYears;
            var start = Math.Max(stretch.Start - span.Offset, span.Start);
            if (at < giveUp || Instant(start) is not { } first) return null;
            before = first;
        }

        return null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset Display(DateTimeOffset fireTime) => Inner.Display(fireTime);

    internal override TriggerDefinition DefineCore()
    {
        var definition = Inner.DefineCore();
        definition.Add("exclude", (IReadOnlyList<object>)[.. Exclusions.Dates, .. Exclusions.Spans.Cast<object>()]);
        return definition;
    }

    /// <inheritdoc/>
    public override Trigger WithDates(IReadOnlyDictionary<string, NamedDates> known)
    {
        var dated = base.WithDates(known);
        var exclusions = Exclusions.With(known);
        return ReferenceEquals(exclusions, Exclusions) ? dated : new ExcludingTrigger(dated.Parts[0], exclusions).WithJitter(Jitter);
    }

    private protected override Trigger MadeOf(IReadOnlyList<Trigger> parts) => new ExcludingTrigger(parts[0], Exclusions);

    static DateTimeOffset? Instant(long unixSeconds) =>
        unixSeconds < UnixTime.Min || unixSeconds > UnixTime.Max ? null : DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
}
