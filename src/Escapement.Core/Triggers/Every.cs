namespace Escapement;

/// <summary>Intervals in real time: <c>scheduler.Add("poll", Every.Minutes(20), …)</c>. The first fire time is one interval after the job was added.</summary>
public static class Every
{
    /// <summary>Every n seconds.</summary>
    /// <param name="n">Above zero; to the microsecond.</param>
    public static TriggerRecipe Seconds(double n) => Span(Checked(n, TimeSpan.FromSeconds, "Seconds"));

    /// <summary>Every n minutes.</summary>
    /// <param name="n">Above zero.</param>
    public static TriggerRecipe Minutes(double n) => Span(Checked(n, TimeSpan.FromMinutes, "Minutes"));

    /// <summary>Every n hours.</summary>
    /// <param name="n">Above zero.</param>
    public static TriggerRecipe Hours(double n) => Span(Checked(n, TimeSpan.FromHours, "Hours"));

    /// <summary>Every n days of 24 hours. For a time of day use <see cref="Daily.At"/>: it follows the clock.</summary>
    /// <param name="n">Above zero.</param>
    public static TriggerRecipe Days(double n) => Span(Checked(n, TimeSpan.FromDays, "Days"));

    /// <summary>Every time span.</summary>
    /// <param name="interval">One microsecond or more.</param>
    public static TriggerRecipe Span(TimeSpan interval)
    {
        if (interval.Ticks < TimeSpan.TicksPerMicrosecond) throw new ArgumentOutOfRangeException(nameof(interval), interval, $"An interval is {interval}; it must be one microsecond or more.");
        return TriggerRecipe.Interval(interval);
    }

    static TimeSpan Checked(double n, Func<double, TimeSpan> from, string unit)
    {
        if (!(n > 0) || n > 1e9) throw new ArgumentOutOfRangeException(nameof(n), n, $"Every.{unit}({n}) is not an interval; the number must be above zero and at most 1000000000.");
        return from(n);
    }
}
