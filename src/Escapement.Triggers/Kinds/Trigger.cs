namespace Escapement.Triggers;

/// <summary>A pure function from an instant to the next instant. Immutable, safe to share between threads, without a clock.</summary>
/// <remarks>
/// A kind overrides <c>Next</c> and <c>Previous</c> either with a budget, if it asks parts, or without.
/// All instants are whole microseconds. An argument with a finer value lies between two microseconds. The kinds of triggers are those of
/// this package: a class outside of the package cannot derive from this class, because it would have no text and no JSON.
/// </remarks>
public abstract class Trigger
{
    private protected Trigger()
    {
    }

    /// <summary>The time zone of the trigger and of its fire times.</summary>
    public abstract ZoneClock Zone { get; }

    /// <summary>The largest delay of a run after its fire time, so that jobs with the same fire time spread. The fire time
    /// does not change.</summary>
    public TimeSpan Jitter { get => jitter; init => jitter = value; }

    /// <summary>The parts of a composed trigger in order, or an empty list for any other trigger.</summary>
    public virtual IReadOnlyList<Trigger> Parts => [];

    /// <summary>The named sets of days on which the trigger or one of its parts does not fire.</summary>
    public virtual IEnumerable<NamedDates> ExcludedDates => Parts.SelectMany(part => part.ExcludedDates);

    /// <summary>The largest number of parts asked in a search by <see cref="Next(DateTimeOffset)"/>. A search of this size takes
    /// several hundred milliseconds.</summary>
    public const int MaxSearch = 2_000_000;

    /// <summary>A search with a smaller budget does not begin steps that take milliseconds. Such a search belongs to a claim,
    /// and the steps run outside of the claim.</summary>
    private protected const int LooksToBegin = 3_000;

    /// <summary>Returns the first fire time at or after <paramref name="from"/>.</summary>
    /// <param name="from">Any offset. The returned fire time has the offset of <see cref="Zone"/>.</param>
    /// <returns><see langword="null"/> if the trigger never fires again.</returns>
    public virtual DateTimeOffset? Next(DateTimeOffset from)
    {
        var budget = MaxSearch;
        return Next(from, ref budget);
    }

    /// <summary>Returns the last fire time strictly before <paramref name="before"/>.</summary>
    /// <returns><see langword="null"/> if the trigger never fired before.</returns>
    public virtual DateTimeOffset? Previous(DateTimeOffset before)
    {
        var budget = MaxSearch;
        return Previous(before, ref budget);
    }

    /// <summary>Returns how many fire times lie at or after <paramref name="from"/> and before <paramref name="to"/>.</summary>
    /// <remarks>
    /// Cron triggers, intervals, calendar intervals and dates count by arithmetic. Any other trigger steps from one fire time to the next,
    /// which takes about 100 ns for each fire time and part.
    /// </remarks>
    public virtual long Count(DateTimeOffset from, DateTimeOffset to)
    {
        var count = 0L;
        for (var at = Next(from); at < to; at = Next(at.Value.JustAfter()))
        {
            count++;
        }

        return count;
    }

    /// <summary>Returns the fire time with the offset shown by REST: the offset of the zone, or for a date and an interval
    /// the offset of the given date.</summary>
    public virtual DateTimeOffset Display(DateTimeOffset fireTime) => Zone.ToZone(fireTime);

    /// <summary>Returns the text form without the zone. <c>TriggerText.Parse</c> reads the text back.</summary>
    public override string ToString() => Define().ToText(Zone);

    /// <summary>Returns the first fire time at or after an instant, within a larger search.</summary>
    /// <param name="from">Any offset.</param>
    /// <param name="budget">The number of parts that may still be asked. The search subtracts the parts that it asks.</param>
    /// <returns><see langword="null"/> if the trigger never fires again, and also if the budget is used up.</returns>
    public virtual DateTimeOffset? Next(DateTimeOffset from, ref int budget) => Next(from);

    /// <summary>Returns the last fire time strictly before an instant, within a larger search.</summary>
    /// <param name="before">Any offset.</param>
    /// <param name="budget">The number of parts that may still be asked. The search subtracts the parts that it asks.</param>
    /// <returns><see langword="null"/> if the trigger never fired before, and also if the budget is used up.</returns>
    public virtual DateTimeOffset? Previous(DateTimeOffset before, ref int budget) => Previous(before);

    /// <summary>Returns the same trigger with other parts, or this object if each part is the same object.</summary>
    /// <param name="parts">As many triggers as <see cref="Parts"/>.</param>
    /// <exception cref="ArgumentException">The number of parts differs.</exception>
    public Trigger WithParts(IReadOnlyList<Trigger> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count != Parts.Count)
        {
            throw new ArgumentException($"The trigger '{this}' has {Parts.Count} parts, and {parts.Count} are given.", nameof(parts));
        }

        return parts.SequenceEqual(Parts, ReferenceEqualityComparer.Instance) ? this : MadeOf(parts).WithJitter(Jitter);
    }

    /// <summary>Returns the same trigger with the current days of the named sets, or this object if no set has changed.</summary>
    /// <param name="known">The sets by their names.</param>
    public virtual Trigger WithDates(IReadOnlyDictionary<string, NamedDates> known) =>
        WithParts([.. Parts.Select(part => part.WithDates(known))]);

    /// <summary>Makes a trigger of this kind of other parts.</summary>
    private protected virtual Trigger MadeOf(IReadOnlyList<Trigger> parts) => this;

    /// <summary>
    /// The instant from which a number of times counts if the definition gives no instant, or null for the current time.
    /// </summary>
    internal virtual DateTimeOffset? FirstInstant => null;

    /// <summary>Returns the trigger as a definition, from which each syntax is written.</summary>
    internal TriggerDefinition Define()
    {
        var definition = DefineCore();
        definition.Add("timezone", Zone);
        if (Jitter > TimeSpan.Zero) definition.Add("jitter", Jitter.Ticks / (decimal)TimeSpan.TicksPerSecond);
        return definition;
    }

    /// <summary>Returns the definition without zone and jitter. A trigger that is none of the kinds has only its text.</summary>
    internal virtual TriggerDefinition DefineCore() => new(GetType().Name, ToString());

    internal Trigger WithJitter(TimeSpan jitter)
    {
        if (jitter == Jitter) return this;
        var copy = (Trigger)MemberwiseClone();
        copy.jitter = jitter;
        return copy;
    }

    TimeSpan jitter;
}
