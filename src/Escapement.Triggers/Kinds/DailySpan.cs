using System.Globalization;

namespace Escapement.Triggers;

/// <summary>
/// A part of each day on the wall, from a time of day until another. The span <c>22:00-06:00</c> crosses midnight.
/// </summary>
/// <param name="From">Seconds after midnight, included.</param>
/// <param name="To">Seconds after midnight, not included. 86400 stands for the end of the day.</param>
readonly record struct DailySpan(int From, int To)
{
    public const string Allowed =
        "write a part of each day as 22:00-06:00, hours 00 to 24, with seconds if needed, and with ends that differ";

    const int Day = 86_400;

    /// <summary>The parts of one day, one or two.</summary>
    public IEnumerable<(int From, int To)> Parts => From < To ? [(From, To)] : To == 0 ? [(From, Day)] : [(0, To), (From, Day)];

    public static bool TryParse(string text, out DailySpan span)
    {
        span = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !Time(text[..dash].Trim(), out var from) || !Time(text[(dash + 1)..].Trim(), out var to)) return false;
        span = new(from, to);
        return from != to && from != Day;
    }

    public override string ToString() => $"{Shown(From)}-{Shown(To)}";

    static bool Time(string text, out int seconds)
    {
        seconds = Day;
        if (text is "24:00" or "24:00:00") return true;
        if (!TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return false;
        }

        seconds = (int)(time.Ticks / TimeSpan.TicksPerSecond);
        return true;
    }

    public static string Shown(int seconds) => seconds % 60 == 0
        ? FormattableString.Invariant($"{seconds / 3600:00}:{seconds / 60 % 60:00}")
        : FormattableString.Invariant($"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
}
