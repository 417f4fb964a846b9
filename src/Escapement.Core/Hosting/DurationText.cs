using System.Globalization;

namespace Escapement.Hosting;

/// <summary>The least and the most that a duration may be.</summary>
/// <param name="Least">Included.</param>
/// <param name="Most">Included.</param>
readonly record struct DurationRange(TimeSpan Least, TimeSpan Most)
{
    /// <summary>Whether the duration is allowed.</summary>
    public bool Contains(TimeSpan duration) => duration >= Least && duration <= Most;

    /// <summary>The duration itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not allowed.</exception>
    internal TimeSpan Checked(TimeSpan duration, string name) =>
        Contains(duration) ? duration
            : throw new ArgumentOutOfRangeException(name, duration, $"{name} is {duration}; a duration {this} is allowed.");

    /// <inheritdoc/>
    public override string ToString() => $"from {DurationText.Format(Least)} to {DurationText.Format(Most)}";
}

/// <summary>Durations as people write them in settings.</summary>
static class DurationText
{
    static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads <c>15s</c>, <c>500ms</c>, <c>2m</c>, <c>24h</c>, <c>30d</c>, <c>00:00:15</c>, or seconds as a plain number; never negative.</summary>
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

    /// <summary>The shortest form with one unit.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, length) in Units.Reverse())
            if (duration >= length && duration.Ticks % length.Ticks == 0) return $"{duration.Ticks / length.Ticks}{unit}";
        return duration == TimeSpan.Zero ? "0" : duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
