using System.Globalization;

namespace Escapement.Hosting;

/// <summary>The allowed range of a duration.</summary>
/// <param name="Least">The inclusive minimum.</param>
/// <param name="Most">The inclusive maximum.</param>
readonly record struct DurationRange(TimeSpan Least, TimeSpan Most)
{
    /// <summary>Returns true if the duration is in the range.</summary>
    public bool Contains(TimeSpan duration) => duration >= Least && duration <= Most;

    /// <summary>Returns the duration if it is in the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is out of range.</exception>
    internal TimeSpan Checked(TimeSpan duration, string name) =>
        Contains(duration) ? duration
            : throw new ArgumentOutOfRangeException(name, duration, $"{name} is {duration}; a duration {this} is allowed.");

    /// <inheritdoc/>
    public override string ToString() => $"from {DurationText.Format(Least)} to {DurationText.Format(Most)}";
}

/// <summary>Parses and formats durations in settings and requests.</summary>
public static class DurationText
{
    static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Parses <c>15s</c>, <c>500ms</c>, <c>2m</c>, <c>24h</c>, <c>30d</c>, <c>00:00:15</c>, or seconds as a
    /// plain number. Negative durations are invalid.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text)) return false;
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero;

        var digits = text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz");
        var unit = digits.Length == text.Length ? "s" : text[digits.Length..];
        var length = Array.Find(Units, known => known.Unit == unit).Length;
        if (length == TimeSpan.Zero
            || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            return false;
        }

        if (amount > (decimal)TimeSpan.MaxValue.Ticks / length.Ticks) return false;
        duration = new((long)(amount * length.Ticks));
        return true;
    }

    /// <summary>Returns the shortest form with a single unit.</summary>
    internal static string Format(TimeSpan duration)
    {
        foreach (var (unit, length) in Units.Reverse())
            if (duration >= length && duration.Ticks % length.Ticks == 0) return $"{duration.Ticks / length.Ticks}{unit}";
        return duration == TimeSpan.Zero ? "0" : duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
