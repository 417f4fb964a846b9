namespace Escapement.Triggers;

/// <summary>A trigger's fire times on whole seconds as one set of seconds for each day of UTC. What it costs goes with the days and the parts, not with how often they fire.</summary>
/// <remarks>For one count: it remembers, so it is not for several threads.</remarks>
abstract class FireDays
{
    const int SecondsPerDay = DaySeconds.Length;

    /// <summary>The seconds of a day.</summary>
    /// <param name="day">Since 1970-01-01; not before one that was asked for already.</param>
    /// <param name="until">All days from this one until that one, itself not among them, have the same.</param>
    public abstract DaySeconds On(int day, out int until);

    /// <summary>How many whole seconds at or after the one instant and before the other are fire times.</summary>
    public static long Count(Trigger trigger, DateTimeOffset from, DateTimeOffset to)
    {
        var days = Of(trigger, new());
        var (at, end) = (UnixTime.Ceiling(from), UnixTime.Ceiling(to));
        var count = 0L;
        while (at < end)
        {
            var day = DayOf(at);
            var seconds = days.On(day, out var until);
            var (start, stop) = ((long)day * SecondsPerDay, Math.Min(end, (long)until * SecondsPerDay));
            var wholeDays = (stop - at) / SecondsPerDay;
            if (at > start || wholeDays == 0)
            {
                // The first day and the last need not be whole.
                stop = Math.Min(stop, start + SecondsPerDay);
                count += seconds.CountBetween((int)(at - start), (int)(stop - start));
                at = stop;
            }
            else
            {
                count += wholeDays * seconds.Count;
                at += wholeDays * SecondsPerDay;
            }
        }

        return count;
    }

    /// <summary>The day that holds a second, be it of UTC or of a wall.</summary>
    internal static int DayOf(long second) => (int)(second >= 0 ? second / SecondsPerDay : ~(~second / SecondsPerDay));

    static FireDays Of(Trigger trigger, DayMemo memo) => trigger switch
    {
        CronTrigger cron => Within(new CronDays(cron, memo), cron.Start is { } start ? UnixTime.Ceiling(start) : null, cron.End is { } end ? UnixTime.Floor(end) : null),
        IntervalTrigger interval => OfInterval(interval, memo),
        AndTrigger and => new JoinedDays(DayJoin.Both, [.. and.Triggers.Select(part => Of(part, memo))], memo),
        OrTrigger or => new JoinedDays(DayJoin.Either, [.. or.Triggers.Select(part => Of(part, memo))], memo),
        ExceptTrigger except => new JoinedDays(DayJoin.Without, [Of(except.Inner, memo), new ExcludedDays(except, memo)], memo),
        TimesTrigger times => Within(Of(times.Inner, memo), UnixTime.Ceiling(times.From), times.Last is { } last ? UnixTime.Floor(last) : null),
        _ => new SingleDays(trigger),
    };

    static FireDays OfInterval(IntervalTrigger interval, DayMemo memo) => interval.OnWholeSeconds() switch
    {
        IntervalTrigger { Interval.Ticks: < TimeSpan.TicksPerDay } seconds => Within(new IntervalDays(seconds, memo), UnixTime.Floor(seconds.Start), UnixTime.Floor(seconds.End ?? DateTimeOffset.MaxValue)),
        { } few => new SingleDays(few),
        null => new JoinedDays(DayJoin.Either, [], memo),
    };

    static FireDays Within(FireDays inner, long? first, long? last) => first is null && last is null ? inner : new DaysWithin(inner, first ?? UnixTime.Min, last ?? UnixTime.Max);

    /// <summary>Only from one second to another, both included.</summary>
    sealed class DaysWithin(FireDays inner, long first, long last) : FireDays
    {
        readonly int firstDay = DayOf(first);
        readonly int lastDay = DayOf(last);

        public override DaySeconds On(int day, out int until)
        {
            until = day < firstDay ? firstDay : int.MaxValue;
            if (day < firstDay || day > lastDay) return DaySeconds.None;
            var seconds = inner.On(day, out until);
            if (day > firstDay && day < lastDay)
            {
                until = Math.Min(until, lastDay);
                return seconds;
            }

            until = day + 1;
            var start = (long)day * SecondsPerDay;
            var (from, to) = ((int)(Math.Max(first, start) - start), (int)(Math.Min(last - start, SecondsPerDay - 1) + 1));
            return seconds.Moved(from, to, from);
        }
    }

    /// <summary>What fires so seldom that each fire time is looked at: a date, a calendar interval, an interval of a day or more.</summary>
    sealed class SingleDays(Trigger trigger) : FireDays
    {
        public override DaySeconds On(int day, out int until)
        {
            var start = (long)day * SecondsPerDay;
            var at = NextFrom(start);
            until = at is null ? int.MaxValue : Math.Max(DayOf(at.Value), day + 1);
            if (at is null || DayOf(at.Value) > day) return DaySeconds.None;
            List<int> seconds = [];
            for (; at < start + SecondsPerDay; at = NextFrom(at.Value + 1)) seconds.Add((int)(at - start));
            return DaySeconds.Of([.. seconds]);
        }

        long? NextFrom(long second)
        {
            while (second <= UnixTime.Max && trigger.Next(DateTimeOffset.FromUnixTimeSeconds(Math.Max(second, UnixTime.Min))) is { } fired)
            {
                var at = UnixTime.Floor(fired);
                if (fired.UtcTicks % TimeSpan.TicksPerSecond == 0) return at;
                second = at + 1;
            }

            return null;
        }
    }
}
