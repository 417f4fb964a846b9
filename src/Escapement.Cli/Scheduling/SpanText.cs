using Escapement.Hosting;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>Checks a time span before a scheduler is asked, so that a message names the options as typed.</summary>
static class SpanText
{
    /// <summary>Checks the form of both ends, and the order of two durations. The order of other ends may depend on the zone of
    /// the scheduler.</summary>
    /// <exception cref="FormatException">An end is not a point in time, or the span does not begin before its end.</exception>
    public static void Check(DateTimeOffset now, string fromOption, string? from, string toOption, string? to)
    {
        var (begin, end) = (FilterWords.Time(fromOption, from, now, ZoneClock.Local), FilterWords.Time(toOption, to, now, ZoneClock.Local));
        if (begin < end || from is null || to is null || !IsDuration(from) || !IsDuration(to)) return;
        throw new FormatException(
            $"{fromOption} {Printable.Shown(from)} is not before {toOption} {Printable.Shown(to)}. Both count back from now: give {fromOption} the longer duration.");
    }

    static bool IsDuration(string text) => DurationText.TryParse(text.Trim(), out _);
}
