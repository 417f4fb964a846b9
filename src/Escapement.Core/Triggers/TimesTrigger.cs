namespace Escapement.Triggers;

/// <summary>Fires when another trigger does, but a limited number of times, counted from an instant.</summary>
/// <remarks>Pure: the last fire time is found from the definition alone, so that all processes agree on it. A fire time that was missed counts as well.</remarks>
public sealed class TimesTrigger : Trigger
{
    /// <summary>The most times that can be asked for.</summary>
    public const int Most = 1_000_000;

    // What is made of others is counted day by day. If it has not fired so often within this time, nobody will see its limit, and the search for one would look at three million days.
    static readonly TimeSpan Reach = TimeSpan.FromDays(100 * 366);

    // Up to here stepping is quicker than halving.
    const int Stepped = 1_000;

    // Takes up to some seconds over what is made of others: only for those who ask for fire times.
    readonly Lazy<DateTimeOffset?> last;

    /// <param name="inner">Which yields the fire times.</param>
    /// <param name="times">1 to <see cref="Most"/>.</param>
    /// <param name="from">The first fire time that counts is at or after it; there is none before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    /// <exception cref="ArgumentException">The trigger is limited so already, or is a date.</exception>
    public TimesTrigger(Trigger inner, int times, DateTimeOffset from)
    {
        if (times is < 1 or > Most) throw new ArgumentOutOfRangeException(nameof(times), times, $"A trigger fires {times} times; 1 to {Most} are allowed.");
        if (inner is TimesTrigger or DateTrigger) throw new ArgumentException($"'{inner}' has a number of times already.", nameof(inner));
        (Inner, Times, From, Jitter) = (inner, times, UnixTime.Truncate(from), inner.Jitter);
        last = IsMade || times > Stepped ? new(Find, LazyThreadSafetyMode.PublicationOnly) : new(Find());
    }

    /// <inheritdoc/>
    public override ZoneClock Zone => Inner.Zone;

    /// <summary>Which yields the fire times.</summary>
    public Trigger Inner { get; }

    /// <summary>How often it fires at most.</summary>
    public int Times { get; }

    /// <summary>From when on it is counted.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The last fire time; null when the inner trigger ends before it has fired so often, or, made of others and counted, takes more than a hundred years for it.</summary>
    internal DateTimeOffset? Last => last.Value;

    internal override bool LeavesOut => Inner.LeavesOut;

    internal override bool MayEstimate => Inner.MayEstimate;

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        var looks = MostLooks;
        return Next(from, ref looks);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        var looks = MostLooks;
        return Previous(before, ref looks);
    }

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to) => Inner.Count(from > From ? from : From, Until(to));

    /// <inheritdoc/>
    public override DateTimeOffset Display(DateTimeOffset fireTime) => Inner.Display(fireTime);

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

    internal override DateTimeOffset? Next(DateTimeOffset from, ref int looks) =>
        MayBegin(ref looks) && Inner.Next(from > From ? from : From, ref looks) is { } next && !(next > Last) ? next : null;

    internal override DateTimeOffset? Previous(DateTimeOffset before, ref int looks) =>
        MayBegin(ref looks) && Inner.Previous(Until(before), ref looks) is { } previous && previous >= From ? previous : null;

    internal override LeftOut? LeftOut(DateTimeOffset from, DateTimeOffset to) => Inner.LeftOut(from > From ? from : From, Until(to));

    internal override Trigger WithDates(IReadOnlyDictionary<string, ExcludedDates> known)
    {
        var inner = Inner.WithDates(known);
        return ReferenceEquals(inner, Inner) ? this : new TimesTrigger(inner, Times, From).WithJitter(Jitter);
    }

    DateTimeOffset Until(DateTimeOffset to) => Last is { } end && end < to ? end.JustAfter() : to;

    bool IsMade => Inner is AndTrigger or OrTrigger or ExceptTrigger;

    bool MayBegin(ref int looks)
    {
        if (last.IsValueCreated) return true;
        if (looks <= LooksToBegin) looks = 0;
        return looks > 0;
    }

    DateTimeOffset? Find() => (Times <= Stepped && !HasAnd(Inner)) || Inner.MayEstimate ? Step(From, Times) : Halve();

    DateTimeOffset? Step(DateTimeOffset from, long times)
    {
        // One search, however many steps it has.
        var looks = MostLooks;
        var at = Inner.Next(from, ref looks);
        for (; at is not null && times > 1; times--) at = Inner.Next(at.Value.JustAfter(), ref looks);
        return at;
    }

    // Stretches that double until enough lie between, then halves; each fire time is counted once or twice, whatever the length.
    DateTimeOffset? Halve()
    {
        var end = IsMade ? From.Plus(Reach).UtcTicks : DateTime.MaxValue.Ticks;
        var (low, high, below) = (From.UtcTicks, From.UtcTicks, 0L);
        for (var step = TimeSpan.TicksPerHour; ; step *= 2)
        {
            high = Math.Min(end, low + step);
            var between = Between(low, high);
            if (below + between >= Times) break;
            if (high == end) return null;
            (low, below) = (high, below + between);
        }

        while (high - low > TimeSpan.TicksPerMillisecond)
        {
            var middle = low + ((high - low) / 2);
            var between = Between(low, middle);
            if (below + between >= Times) high = middle;
            else (low, below) = (middle, below + between);
        }

        return Step(At(low), Times - below);

        static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

        long Between(long from, long to) => Inner.Count(At(from), At(to));
    }

    // Where the parts of an and seldom meet, a search for the next fire time takes longer than a count.
    static bool HasAnd(Trigger trigger) => trigger switch
    {
        OrTrigger or => or.Triggers.Any(HasAnd),
        ExceptTrigger except => HasAnd(except.Inner),
        TimesTrigger times => HasAnd(times.Inner),
        _ => trigger is AndTrigger,
    };
}
