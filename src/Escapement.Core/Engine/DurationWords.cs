using System.Globalization;

namespace Escapement.Engine;

/// <summary>Writes durations for sentences: <c>240 ms</c>, <c>1.5 s</c>, <c>3 min 20 s</c>, <c>1 d 2 h</c>.</summary>
static class DurationWords
{
    /// <summary>Returns the duration with at most two units. A negative duration begins with a minus.</summary>
    public static string Of(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) return "-" + Of(duration.Duration());
        if (duration < TimeSpan.FromSeconds(1)) return Text($"{Math.Floor(duration.TotalMilliseconds):0} ms");
        if (duration < TimeSpan.FromMinutes(1)) return Text($"{Math.Floor(duration.TotalSeconds * 10) / 10:0.#} s");
        if (duration < TimeSpan.FromHours(1)) return Pair(duration.Minutes, "min", duration.Seconds, "s");
        return duration < TimeSpan.FromDays(1)
            ? Pair(duration.Hours, "h", duration.Minutes, "min")
            : Pair(duration.Days, "d", duration.Hours, "h");
    }

    static string Pair(int large, string unit, int small, string part) =>
        small == 0 ? Text($"{large} {unit}") : Text($"{large} {unit} {small} {part}");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
