namespace Escapement.Triggers;

/// <summary>The fire times of a trigger between whole seconds. Only intervals and dates fire there, and what several of them have in common is an interval again: by inclusion and exclusion.</summary>
/// <remarks>
/// The trigger becomes a sum of intervals, each so many times added or taken off: <c>a or b</c> is a + b - (a and b). Where intervals overlap in too many ways for it, the instants
/// themselves are looked at, up to a limit.
/// </remarks>
sealed class BetweenSeconds
{
    // Some hundredths of a second. One that is excluded is counted a day at a time, and weighs more.
    const int MostProducts = 20_000;
    const int WeightOfExcluded = 50;

    // A bit for each.
    const int MostExcepts = 64;

    // Some tenths of a second.
    const int MostLooks = 5_000_000;

    static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    readonly Trigger trigger;
    readonly List<ExceptTrigger> excepts = [];
    readonly List<Trigger> parts = [];
    readonly Dictionary<Term, long>? sum;
    int products;

    public BetweenSeconds(Trigger trigger)
    {
        this.trigger = trigger;
        sum = SumOf(trigger);
    }

    /// <summary>Whether a large count may be an estimate.</summary>
    public bool MayEstimate => sum is null;

    /// <summary>How many lie at or after the one instant and before the other.</summary>
    public long Count(DateTimeOffset from, DateTimeOffset to) => sum is null ? CountByLooking(from, to) : sum.Sum(term => term.Value * Count(term.Key, from, to));

    // Null when there are too many terms.
    Dictionary<Term, long>? SumOf(Trigger of)
    {
        switch (of)
        {
            case IntervalTrigger or DateTrigger when !IsWhole(of):
                parts.Add(of);
                return Term.Of(of) is { } only ? new() { [only] = 1 } : [];
            case AndTrigger and:
                List<Dictionary<Term, long>?> factors = [.. and.Triggers.Select(SumOf)];
                // Nothing has nothing in common with whatever number of others.
                return factors.Exists(factor => factor is { Count: 0 }) ? [] : factors.Aggregate(Product);
            case OrTrigger or:
                return or.Triggers.Select(SumOf).Aggregate((left, right) => Added(left, right, Product(left, right)));
            case ExceptTrigger except:
                var inner = SumOf(except.Inner);
                if (inner is null or { Count: 0 }) return inner;
                products += inner.Count * WeightOfExcluded;
                if (products > MostProducts || excepts.Count == MostExcepts) return null;
                excepts.Add(except);
                return inner.ToDictionary(term => term.Key with { Excepts = term.Key.Excepts | (1UL << (excepts.Count - 1)) }, term => term.Value);
            case TimesTrigger times:
                var counted = new Term(times.From.ToUniversalTime(), Tick, times.Last?.ToUniversalTime() ?? DateTimeOffset.MaxValue, 0);
                return Product(SumOf(times.Inner), new() { [counted] = 1 });
            case CronTrigger or CalendarIntervalTrigger or IntervalTrigger or DateTrigger:
                return [];
            default:
                // Of another kind nothing is known but its fire times.
                parts.Add(of);
                return null;
        }
    }

    static bool IsWhole(Trigger of) => of switch
    {
        IntervalTrigger interval => (interval.Start.UtcTicks % TimeSpan.TicksPerSecond) + (interval.Interval.Ticks % TimeSpan.TicksPerSecond) == 0,
        DateTrigger date => date.At.UtcTicks % TimeSpan.TicksPerSecond == 0,
        _ => true,
    };

    static Dictionary<Term, long>? Added(Dictionary<Term, long>? left, Dictionary<Term, long>? right, Dictionary<Term, long>? common)
    {
        if (left is null || right is null || common is null) return null;
        var sum = new Dictionary<Term, long>(left);
        foreach (var (term, times) in right) Add(sum, term, times);
        foreach (var (term, times) in common) Add(sum, term, -times);
        return sum;
    }

    Dictionary<Term, long>? Product(Dictionary<Term, long>? left, Dictionary<Term, long>? right)
    {
        if (left is null || right is null) return null;
        var product = new Dictionary<Term, long>();
        foreach (var (first, times) in left)
        {
            foreach (var (second, by) in right)
            {
                products += (first.Excepts | second.Excepts) == 0 ? 1 : WeightOfExcluded;
                if (products > MostProducts) return null;
                if (Term.Both(first, second) is { } both) Add(product, both, times * by);
            }
        }

        return product;
    }

    static void Add(Dictionary<Term, long> sum, Term term, long times)
    {
        times += sum.GetValueOrDefault(term);
        if (times == 0) sum.Remove(term);
        else sum[term] = times;
    }

    long Count(Term term, DateTimeOffset from, DateTimeOffset to)
    {
        var all = term.Interval();
        var whole = all.OnWholeSeconds();
        if (term.Excepts == 0) return Between(from, to);

        if (from < term.Start) from = term.Start;
        if (term.End < to) to = term.End.JustAfter();
        var memo = new DayMemo();
        var excluded = new JoinedDays(DayJoin.Either, [.. excepts.Where((_, i) => (term.Excepts >> i & 1) != 0).Select(except => new ExcludedDays(except, memo))], memo);
        var count = 0L;
        for (long day = FireDays.DayOf(UnixTime.Floor(from)), end = UnixTime.Floor(to); day * DaySeconds.Length <= end; day++)
        {
            foreach (var gap in excluded.On((int)day, out _).Gaps)
            {
                var (start, stop) = (At((day * DaySeconds.Length) + gap.From), At((day * DaySeconds.Length) + gap.To));
                count += Between(start > from ? start : from, stop < to ? stop : to);
            }
        }

        return count;

        static DateTimeOffset At(long second) => second > UnixTime.Max ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeSeconds(second);

        long Between(DateTimeOffset low, DateTimeOffset high) => all.Count(low, high) - (whole?.Count(low, high) ?? 0);
    }

    // As often as at the instants looked at, where there are too many.
    long CountByLooking(DateTimeOffset from, DateTimeOffset to)
    {
        var (count, looks) = (0L, 0);
        for (var next = First(from); next < to; next = First(next.Value.JustAfter()))
        {
            var at = next.Value.ToUniversalTime();
            if (at.UtcTicks % TimeSpan.TicksPerSecond != 0 && Fires(trigger, at)) count++;
            looks += 2 * parts.Count;
            if (looks > MostLooks) return count + (long)(count * ((to - at) / (at.JustAfter() - from)));
        }

        return count;

        DateTimeOffset? First(DateTimeOffset at) => parts.Min(part => part.Next(at));
    }

    static bool Fires(Trigger trigger, DateTimeOffset at) => trigger switch
    {
        AndTrigger and => and.Triggers.All(part => Fires(part, at)),
        OrTrigger or => or.Triggers.Any(part => Fires(part, at)),
        ExceptTrigger except => Fires(except.Inner, at) && except.Exclusions.StretchAt(UnixTime.Floor(at) + except.Zone.SpanAt(UnixTime.Floor(at)).Offset) is null,
        TimesTrigger times => at >= times.From && !(at > times.Last) && Fires(times.Inner, at),
        _ => trigger.Next(at) == at,
    };

    /// <summary>An interval and what excludes some of it, a bit for each.</summary>
    readonly record struct Term(DateTimeOffset Start, TimeSpan Step, DateTimeOffset End, ulong Excepts)
    {
        // To the last fire time and no further, so that equals are known as such.
        public static Term? Of(Trigger trigger, ulong excepts = 0) => trigger.Previous(DateTimeOffset.MaxValue)?.ToUniversalTime() switch
        {
            null => null,
            { } last when trigger is IntervalTrigger interval && interval.Start < last => new(interval.Start.ToUniversalTime(), interval.Interval, last, excepts),
            { } only => new(only, TimeSpan.FromDays(1), only, excepts),
        };

        public static Term? Both(Term left, Term right) => IntervalTrigger.Intersect(left.Interval(), right.Interval()) is { } both ? Of(both, left.Excepts | right.Excepts) : null;

        public IntervalTrigger Interval() => new(Step, Start, ZoneClock.Utc, End);
    }
}
