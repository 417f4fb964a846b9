namespace Escapement.Triggers;

/// <summary>Fires when another trigger does, but a limited number of times, counted from an instant.</summary>
/// <remarks>Pure: the last fire time is found from the definition alone, so that all processes agree on it. A fire time that was missed counts as well.</remarks>
public sealed class LimitedTrigger : Trigger
{
    /// <summary>The most times that can be asked for.</summary>
    public const int Most = 1_000_000;

    // The most parts asked for the last fire time: a few seconds. A trigger that is not made of others asks none.
    const int MaxLooks = 10 * MaxSearch;

    // Up to here the steps of a simple trigger take some 50 us.
    const int MaxTimesAtOnce = 1_000;

    // Stepping to the last fire time may take seconds, so only a caller who asks for fire times pays for the steps.
    readonly Lazy<DateTimeOffset?> last;

    /// <param name="inner">Which yields the fire times.</param>
    /// <param name="times">1 to <see cref="Most"/>.</param>
    /// <param name="from">The first fire time that counts is at or after it; there is none before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    /// <exception cref="ArgumentException">The trigger is limited so already, or is a date.</exception>
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

    /// <summary>Which yields the fire times.</summary>
    public Trigger Inner { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => [Inner];

    /// <summary>How often it fires at most.</summary>
    public int Times { get; }

    /// <summary>From when on it is counted.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The last fire time; null if the inner trigger ends before it has fired so often, or if its parts would have to be asked more than 20 million times.</summary>
    internal DateTimeOffset? Last => last.Value;

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        var budget = MaxSearch;
        return Next(from, ref budget);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        var budget = MaxSearch;
        return Previous(before, ref budget);
    }

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to) => Inner.Count(from > From ? from : From, Until(to));

    /// <inheritdoc/>
    public override DateTimeOffset Display(DateTimeOffset fireTime) => Inner.Display(fireTime);

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

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

            // No step is searched further than Next itself searches.
            var budget = Math.Min(left, MaxSearch);
            left -= budget;
            at = Inner.Next(times == 0 ? From : at.Value.JustAfter(), ref budget);
            left += budget;
        }

        return at;
    }
}
