namespace Escapement.Triggers;

/// <summary>The days of an interval of whole seconds, shorter than a day, as if it had neither start nor end.</summary>
sealed class IntervalDays(IntervalTrigger interval, DayMemo memo) : FireDays
{
    readonly int period = (int)(interval.Interval.Ticks / TimeSpan.TicksPerSecond);
    readonly long first = UnixTime.Floor(interval.Start);

    public override DaySeconds On(int day, out int until)
    {
        until = DaySeconds.Length % period == 0 ? int.MaxValue : day + 1;
        var phase = (int)((first - ((long)day * DaySeconds.Length)) % period);
        if (phase < 0) phase += period;
        return memo.Find(this, phase) ?? memo.Keep(this, phase, DaySeconds.Every(period, phase));
    }
}
