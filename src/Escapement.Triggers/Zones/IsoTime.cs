using System.Globalization;

namespace Escapement.Triggers;

/// <summary>
/// Reads and writes dates and times as ISO 8601, in the form shared by REST, settings, the stores and the tool.
/// </summary>
public static class IsoTime
{
    /// <summary>The forms that <see cref="Parse"/> reads, for messages.</summary>
    public const string Allowed =
        "write it as 2041-05-06 or 2041-05-06 07:08:09, also with T, a fraction of a second (6 digits at most), Z or an offset such as +08:00, within the years 1 to 9999";

    /// <summary>The forms that people may type and <see cref="Typed"/> converts, for messages.</summary>
    public const string AllowedTyped = Allowed + "; the seconds may be left out, and a space may stand before the offset";

    /// <summary>
    /// Formats an instant as <c>2041-05-06T07:08:09+08:00</c>, with microseconds only if there is a fraction. UTC is
    /// <c>+00:00</c>.
    /// </summary>
    public static string Format(DateTimeOffset instant) => instant.ToString(
        instant.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond
            ? "yyyy-MM-ddTHH:mm:sszzz"
            : "yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);

    /// <summary>Reads a date, or a date and time.</summary>
    /// <param name="text">A text in a form of <see cref="Allowed"/>.</param>
    /// <param name="zone">
    /// The zone of a wall time without an offset. A skipped wall time moves after the gap, and a repeated wall time is
    /// the first pass.
    /// </param>
    /// <exception cref="FormatException">The text is not such a date.</exception>
    public static DateTimeOffset Parse(string text, ZoneClock zone) =>
        TryParse(text, zone, out var instant, out _)
            ? instant
            : throw new FormatException($"'{Printable.Shown(text)}' is not a date: {Allowed}.");

    /// <summary>Reads a date, or a date and time, and reports whether an offset was given.</summary>
    public static bool TryParse(string? text, ZoneClock zone, out DateTimeOffset instant, out bool hasOffset)
    {
        var isRead = TryRead(text, zone, out instant, out var wall);
        hasOffset = isRead && wall is null;
        return isRead;
    }

    /// <summary>
    /// Converts a date as typed by a person to the form that can be read: adds missing seconds, and removes a space
    /// before the offset.
    /// </summary>
    /// <returns>The converted text, or any other text unchanged.</returns>
    public static string Typed(string text)
    {
        const int minutesEnd = 16;   // 2041-05-06 07:08
        if (text.Length < minutesEnd || text[13] != ':') return text;
        if (text.Length == minutesEnd || text[minutesEnd] is 'Z' or '+' or '-' or ' ') text = text.Insert(minutesEnd, ":00");
        var space = text.IndexOf(' ', minutesEnd);
        return space > 0 && text.AsSpan(space + 1) is ['+' or '-', ..] ? text.Remove(space, 1) : text;
    }

    /// <summary>Returns the wall time of a date, or null if the text has an offset or is not a date.</summary>
    internal static DateTime? WallOf(string? text, ZoneClock zone) => TryRead(text, zone, out _, out var wall) ? wall : null;

    static bool TryRead(string? text, ZoneClock zone, out DateTimeOffset instant, out DateTime? given)
    {
        instant = default;
        given = null;
        if (text is null) return false;
        var rest = text.AsSpan();
        if (!Number(ref rest, 4, out var year) || !Skip(ref rest, '-') || !Number(ref rest, 2, out var month) || !Skip(ref rest, '-')
            || !Number(ref rest, 2, out var day))
        {
            return false;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;

        var wall = new DateTime(year, month, day);
        if (rest.IsEmpty) return FromWall(wall, zone, out instant, out given);
        if (!Skip(ref rest, ' ') && !Skip(ref rest, 'T')) return false;
        if (!Number(ref rest, 2, out var hour) || !Skip(ref rest, ':') || !Number(ref rest, 2, out var minute)) return false;
        if (!Skip(ref rest, ':') || !Number(ref rest, 2, out var second) || !Fraction(ref rest, out var microseconds)) return false;
        if (hour > 23 || minute > 59 || second > 59) return false;
        wall = wall.AddTicks(
            (((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond));
        if (rest.IsEmpty) return FromWall(wall, zone, out instant, out given);
        if (!Offset(rest, out var offset)) return false;
        var utc = wall.Ticks - offset.Ticks;
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks) return false;
        instant = new(wall, offset);
        return true;
    }

    /// <summary>
    /// Returns the same instant with another offset, or the instant unchanged if the wall time would lie outside the
    /// years 1 to 9999.
    /// </summary>
    internal static DateTimeOffset WithOffset(DateTimeOffset instant, TimeSpan offset)
    {
        var local = instant.UtcTicks + offset.Ticks;
        return local < DateTime.MinValue.Ticks || local > DateTime.MaxValue.Ticks ? instant : new(local, offset);
    }

    static bool FromWall(DateTime wall, ZoneClock zone, out DateTimeOffset instant, out DateTime? given)
    {
        given = wall;
        instant = zone.FromWall(wall).First;
        return true;
    }

    static bool Fraction(ref ReadOnlySpan<char> rest, out int microseconds)
    {
        microseconds = 0;
        if (!Skip(ref rest, '.')) return true;
        var digits = 0;
        while (!rest.IsEmpty && char.IsAsciiDigit(rest[0]))
        {
            // .NET writes seven digits, so digits beyond the microsecond are accepted if they are zero.
            if (digits < 6) microseconds = (microseconds * 10) + rest[0] - '0';
            else if (rest[0] != '0') return false;
            digits++;
            rest = rest[1..];
        }

        for (var i = digits; i < 6; i++) microseconds *= 10;
        return digits is > 0 and <= 9;
    }

    static bool Offset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is "Z") return true;
        var isWest = rest[0] == '-';
        if (rest[0] is not ('+' or '-')) return false;
        rest = rest[1..];
        if (!Number(ref rest, 2, out var hours) || !Skip(ref rest, ':') || !Number(ref rest, 2, out var minutes) || !rest.IsEmpty)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (isWest ? -1 : 1);
        return minutes < 60 && offset.Duration() <= TimeSpan.FromHours(14);
    }

    static bool Skip(ref ReadOnlySpan<char> rest, char expected)
    {
        if (rest.IsEmpty || rest[0] != expected) return false;
        rest = rest[1..];
        return true;
    }

    static bool Number(ref ReadOnlySpan<char> rest, int digits, out int number)
    {
        number = 0;
        if (rest.Length < digits) return false;
        for (var i = 0; i < digits; i++)
        {
            if (!char.IsAsciiDigit(rest[i])) return false;
            number = (number * 10) + rest[i] - '0';
        }

        rest = rest[digits..];
        return true;
    }
}
