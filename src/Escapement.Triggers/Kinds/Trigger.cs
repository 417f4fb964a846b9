namespace Escapement.Triggers;

/// <summary>A pure function from an instant to the next instant. Immutable, safe to share between threads, without a clock.</summary>
/// <remarks>All instants are whole microseconds; what is finer in an argument is treated as lying between two of them.</remarks>
public abstract class Trigger
{
    /// <summary>The zone in which the trigger is read and in which its answers are given.</summary>
    public abstract ZoneClock Zone { get; }

    /// <summary>Up to how much later than its fire time a run may start, so that jobs of one instant spread. The fire time itself stays as it is.</summary>
    public TimeSpan Jitter { get => jitter; init => jitter = value; }

    /// <summary>The triggers of which this trigger is made, in order. Empty for a trigger that is not made of others.</summary>
    public virtual IReadOnlyList<Trigger> Parts => [];

    /// <summary>The named sets of days on which the trigger or one of its parts does not fire.</summary>
    public virtual IEnumerable<NamedDates> ExcludedDates => Parts.SelectMany(part => part.ExcludedDates);

    /// <summary>The number of parts that a search by <see cref="Next(DateTimeOffset)"/> may ask at most. All of them take tenths of a second.</summary>
    public const int MaxSearch = 2_000_000;

    /// <summary>With so many looks or fewer a search does not begin what takes some milliseconds to find out: it is one of a claim's, and is made outside of it.</summary>
    private protected const int LooksToBegin = 3_000;

    /// <summary>The first instant at or after <paramref name="from"/> at which the trigger fires.</summary>
    /// <param name="from">Any offset; the answer carries the offset that <see cref="Zone"/> has at that instant.</param>
    /// <returns><see langword="null"/> when it will never fire again.</returns>
    public abstract DateTimeOffset? Next(DateTimeOffset from);

    /// <summary>The last instant strictly before <paramref name="before"/> at which the trigger fires.</summary>
    /// <returns><see langword="null"/> when it never fired before.</returns>
    public abstract DateTimeOffset? Previous(DateTimeOffset before);

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

    /// <summary>The fire time with the offset in which REST shows it: the zone's, or for a date or an interval the one that its date was given with.</summary>
    public virtual DateTimeOffset Display(DateTimeOffset fireTime) => Zone.ToZone(fireTime);

    /// <summary>The trigger as people write it, without its zone; <see cref="TriggerText.Parse"/> reads it back.</summary>
    public abstract override string ToString();

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

    internal Trigger WithJitter(TimeSpan jitter)
    {
        if (jitter == Jitter) return this;
        var copy = (Trigger)MemberwiseClone();
        copy.jitter = jitter;
        return copy;
    }

    TimeSpan jitter;
}
