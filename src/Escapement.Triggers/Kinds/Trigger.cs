namespace Escapement.Triggers;

/// <summary>A pure function from an instant to the next instant. Immutable, safe to share between threads, without a clock.</summary>
/// <remarks>All instants are whole microseconds; what is finer in an argument is treated as lying between two of them.</remarks>
public abstract class Trigger
{
    /// <summary>The zone in which the trigger is read and in which its answers are given.</summary>
    public abstract ZoneClock Zone { get; }

    /// <summary>Up to how much later than its fire time a run may start, so that jobs of one instant spread. The fire time itself stays as it is.</summary>
    public TimeSpan Jitter { get => jitter; init => jitter = value; }

    /// <summary>How many parts of what is made of others one search asks, whatever stands in what: some tenths of a second.</summary>
    internal const int MaxSearch = 2_000_000;

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

    /// <summary>The first fire time as <see cref="Next(DateTimeOffset)"/> finds it, within a larger search; null also when no look is left.</summary>
    /// <param name="from">At or after it.</param>
    /// <param name="budget">How many parts may still be asked.</param>
    internal virtual DateTimeOffset? Next(DateTimeOffset from, ref int budget) => Next(from);

    /// <summary>The last fire time as <see cref="Previous(DateTimeOffset)"/> finds it, within a larger search; null also when no look is left.</summary>
    /// <param name="before">Strictly before it.</param>
    /// <param name="budget">How many parts may still be asked.</param>
    internal virtual DateTimeOffset? Previous(DateTimeOffset before, ref int budget) => Previous(before);

    /// <summary>The same trigger with the named sets of days as they are now; this object when none of them has changed.</summary>
    internal virtual Trigger WithDates(IReadOnlyDictionary<string, NamedDates> known) => this;

    internal Trigger WithJitter(TimeSpan jitter)
    {
        if (jitter == Jitter) return this;
        var copy = (Trigger)MemberwiseClone();
        copy.jitter = jitter;
        return copy;
    }

    TimeSpan jitter;
}
