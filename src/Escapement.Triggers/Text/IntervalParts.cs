namespace Escapement.Triggers;

/// <summary>Splits an interval into weeks, days, hours, minutes and seconds, as in the JSON form.</summary>
static class IntervalParts
{
    /// <summary>Returns the amounts above zero, the largest unit first. 30 hours are days 1, hours 6.</summary>
    public static IEnumerable<(string Unit, decimal Amount)> Split(TimeSpan interval)
    {
        if (interval.Days / 7 > 0) yield return ("weeks", interval.Days / 7);
        if (interval.Days % 7 > 0) yield return ("days", interval.Days % 7);
        if (interval.Hours > 0) yield return ("hours", interval.Hours);
        if (interval.Minutes > 0) yield return ("minutes", interval.Minutes);
        var seconds = interval.Ticks % TimeSpan.TicksPerMinute / (decimal)TimeSpan.TicksPerSecond;
        if (seconds > 0) yield return ("seconds", seconds);
    }

    /// <summary>Formats an interval for people: <c>1 day 6 hours</c>.</summary>
    public static string Describe(TimeSpan interval) =>
        string.Join(' ', Split(interval)
            .Select(part => FormattableString.Invariant($"{part.Amount} {(part.Amount == 1 ? part.Unit[..^1] : part.Unit)}")));
}
