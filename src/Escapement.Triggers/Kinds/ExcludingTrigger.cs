namespace Escapement.Triggers;

/// <summary>Fires when another trigger does, except on some days and in some parts of each day.</summary>
/// <remarks>
/// Always answers, and in bounded time: from each excluded fire time it leaps to the end of what excludes it. It says never when nothing is left within the 400 years
/// after which the calendar repeats, counted from the last day that is excluded in one year alone.
/// </remarks>
public sealed class ExcludingTrigger : Trigger, ISearched
{
    const long FourHundredYears = (CivilDay.DaysIn400Years + 1) * 86_400L;

    FoundLong? found;

    /// <param name="inner">Which yields the fire times.</param>
    /// <param name="exclusions">What is left out, by the wall time of the trigger's zone.</param>
    /// <exception cref="ArgumentException">The trigger is limited already, or is a date.</exception>
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

    /// <summary>Which yields the fire times.</summary>
    public Trigger Inner { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => [Inner];

    /// <inheritdoc/>
    public override IEnumerable<NamedDates> ExcludedDates =>
        Exclusions.Dates.Where(dates => dates.Name is not null).Concat(base.ExcludedDates);

    /// <summary>What is left out.</summary>
    public ExclusionCalendar Exclusions { get; }

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
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        var budget = MaxSearch;
        return Previous(before, ref budget);
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

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

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
