namespace Escapement.Triggers;

/// <summary>Fires when another trigger does, but a limited number of times, counted from an instant.</summary>
/// <remarks>
/// The last fire time follows from the definition alone, so that all processes agree on it. A missed fire time counts
/// as well.
/// </remarks>
public sealed class LimitedTrigger : Trigger
{
    /// <summary>The largest allowed number of fire times.</summary>
    public const int Most = 1_000_000;

    // The largest number of parts asked for the last fire time, which takes a few seconds. A trigger without parts asks
    // none.
    const int MaxLooks = 10 * MaxSearch;

    // Stepping this often takes about 50 µs for a simple trigger.
    const int MaxTimesAtOnce = 1_000;

    // Stepping to the last fire time may take seconds, so only a caller who asks for fire times pays for the steps.
    readonly Lazy<DateTimeOffset?> last;

    /// <param name="inner">The trigger that yields the fire times.</param>
    /// <param name="times">1 to <see cref="Most"/>.</param>
    /// <param name="from">The instant from which fire times count. The trigger does not fire earlier.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    /// <exception cref="ArgumentException">The trigger already has such a limit, or is a date.</exception>
    public LimitedTrigger(Trigger inner, int times, DateTimeOffset from)
    {
        if (times is < 1 or > Most)
        {
            throw new ArgumentOutOfRangeException(nameof(times), times, $"A trigger fires {times} times; 1 to {Most} are allowed.");
        }

        if (inner is LimitedTrigger or DateTrigger) throw new ArgumentException($"'{inner}' has a number of times already.", nameof(inner));
        (Inner, Times, From, Jitter) = (inner, times, UnixTime.Truncate(from), inner.Jitter);
        last = inner.Parts.Count > 0 || times > MaxTimesAtOnce ? new(FindLast, LazyThreadSafetyMode.PublicationOnly) : new(FindLast());
    }

    /// <inheritdoc/>
    public override ZoneClock Zone => Inner.Zone;

    /// <summary>The trigger that yields the fire times.</summary>
    public Trigger Inner { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => [Inner];

    /// <summary>The largest number of fire times.</summary>
    public int Times { get; }

    /// <summary>The instant from which fire times count.</summary>
    public DateTimeOffset From { get; }

    /// <summary>
    /// The last fire time. Null if the inner trigger ends before the limit, or if the search would ask more than 20
    /// million parts.
    /// </summary>
    internal DateTimeOffset? Last => last.Value;

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to) => Inner.Count(from > From ? from : From, Until(to));

    /// <inheritdoc/>
    public override DateTimeOffset Display(DateTimeOffset fireTime) => Inner.Display(fireTime);

    internal override TriggerDefinition DefineCore()
    {
        var definition = Inner.DefineCore();
        definition.Add("times", (decimal)Times);
        definition.Add("times_from", IsoTime.Format(Zone.ToZone(From)));
        return definition;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from, ref int budget) =>
        MayBegin(ref budget) && Inner.Next(from > From ? from : From, ref budget) is { } next && !(next > Last) ? next : null;

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before, ref int budget) =>
        MayBegin(ref budget) && Inner.Previous(Until(before), ref budget) is { } previous && previous >= From ? previous : null;

    private protected override Trigger MadeOf(IReadOnlyList<Trigger> parts) => new LimitedTrigger(parts[0], Times, From);

    DateTimeOffset Until(DateTimeOffset to) => Last is { } end && end < to ? end.JustAfter() : to;

    bool MayBegin(ref int budget)
    {
        if (last.IsValueCreated) return true;
        if (budget <= LooksToBegin) budget = 0;
        return budget > 0;
    }

    DateTimeOffset? FindLast()
    {
        var left = MaxLooks;
        DateTimeOffset? at = From;
        for (var times = 0; times < Times && at is not null; times++)
        {
            if (left <= 0)
            {
                return null;
            }

            // A step may ask at most as many parts as Next itself.
            var budget = Math.Min(left, MaxSearch);
            left -= budget;
            at = Inner.Next(times == 0 ? From : at.Value.JustAfter(), ref budget);
            left += budget;
        }

        return at;
    }
}
