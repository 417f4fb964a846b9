using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Lengths of time in units: <c>1 day 6 hours</c> in texts, <c>"days": 1, "hours": 6</c> in JSON.</summary>
static class IntervalParts
{
    /// <summary>The units with a fixed length, in microseconds.</summary>
    public static readonly IReadOnlyList<(string Unit, decimal Length)> Units =
    [
        ("weeks", 604_800_000_000m), ("days", 86_400_000_000m), ("hours", 3_600_000_000m), ("minutes", 60_000_000m), ("seconds", 1_000_000m),
    ];

    /// <summary>The largest amount, as in APScheduler. Far below the range of decimal, so that a sum cannot overflow.</summary>
    public const decimal MaxAmount = 1_000_000_000_000m;

    const string UnitsInWords = "seconds, minutes, hours, days, weeks, months, years";

    const string Allowed = $"an interval is written 20 minutes, 1 day 6 hours or 1.5 seconds; the units are {UnitsInWords}";

    static readonly string[] AllUnits = [.. Units.Select(unit => unit.Unit), "months", "years"];

    /// <summary>Returns the amounts above zero, the largest unit first. 30 hours are days 1, hours 6.</summary>
    public static IEnumerable<(string Unit, decimal Amount)> Split(TimeSpan interval)
    {
        var left = interval.Ticks / (decimal)TimeSpan.TicksPerMicrosecond;
        foreach (var (unit, length) in Units)
        {
            var amount = unit == "seconds" ? left / length : decimal.Truncate(left / length);
            left -= amount * length;
            if (amount > 0) yield return (unit, amount);
        }
    }

    /// <summary>Formats an interval for people: <c>1 day 6 hours</c>.</summary>
    public static string Describe(TimeSpan interval) =>
        string.Join(' ', Split(interval)
            .Select(part => FormattableString.Invariant($"{part.Amount} {(part.Amount == 1 ? part.Unit[..^1] : part.Unit)}")));

    /// <summary>Reads the amounts of a text: <c>1 day 6 hours</c>.</summary>
    /// <param name="words">The words, at the first amount.</param>
    /// <param name="mayLackNumber">Whether the first unit may stand without a number: <c>every minute</c>.</param>
    public static Dictionary<string, decimal> Read(TriggerWords words, bool mayLackNumber)
    {
        Dictionary<string, decimal> amounts = [];
        if (!words.IsValue) throw words.Here(words.IsAtEnd ? "ends where an interval is expected" : "is not an interval", Allowed);
        while (words.IsValue)
        {
            var amount = 1m;
            if (char.IsAsciiDigit(words.Word[0])
                && decimal.TryParse(words.Word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                amount = number <= MaxAmount ? number : throw words.Here("is too large", Allowed);
                words.Position++;
            }
            else if (!mayLackNumber || amounts.Count > 0)
            {
                throw words.Here("is not a number", Allowed);
            }

            if (!amounts.TryAdd(Unit(words), amount)) throw words.Here("stands there twice", "give each unit once");
            words.Position++;
        }

        return amounts;
    }

    static string Unit(TriggerWords words)
    {
        if (words.IsAtEnd) throw words.Here("ends where a unit is expected", Allowed);
        return AllUnits.FirstOrDefault(unit => words.Is(unit) || words.Is(unit[..^1])) ?? throw words.Here("is not a unit",
            Suggestion.Nearest(words.Word, AllUnits, 2) is { } nearest
                ? $"did you mean {nearest}? The units are {UnitsInWords}"
                : Allowed);
    }
}
