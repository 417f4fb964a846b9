using System.Globalization;

namespace Escapement.Triggers;

/// <summary>
/// A set of days on which triggers that name the set do not fire: holidays, a shutdown of the works. Immutable.
/// </summary>
/// <remarks>
/// A day is written <c>2041-12-25</c>, a range of days <c>2041-12-24/2042-01-02</c>, and a day of each year
/// <c>12-25</c>.
/// </remarks>
public sealed class NamedDates
{
    /// <summary>The largest number of days and ranges in a set.</summary>
    public const int Most = 10_000;

    /// <summary>The forms of a day, for messages.</summary>
    public const string Allowed = "write a day as 2041-12-25, a range of days as 2041-12-24/2042-01-02, and a day of each year as 12-25";

    static readonly int FirstOfCalendar = CivilDay.From(1, 1, 1);

    // Disjoint and in order.
    readonly (int First, int Last)[] ranges;

    // Month times 32 plus day, in order.
    readonly int[] yearly;

    /// <summary>Reads days.</summary>
    /// <param name="name">
    /// The name of the set in triggers: letters, digits, <c>_ - .</c>, a letter in front, at most 64 characters. Null
    /// for days written in a trigger itself.
    /// </param>
    /// <param name="days">The days, in any order. Days and ranges may overlap.</param>
    /// <exception cref="FormatException">The name or a day cannot be read.</exception>
    public NamedDates(string? name, IEnumerable<string> days)
        : this(name, Read(name, days))
    {
    }

    NamedDates(string? name, (List<(int First, int Last)> Ranges, SortedSet<int> Yearly) days)
    {
        if (name is not null) CheckName(name);
        Name = name;
        ranges = Merged(days.Ranges);
        yearly = [.. days.Yearly];
        Days = [.. ranges.Select(range => range.First == range.Last ? Shown(range.First) : $"{Shown(range.First)}/{Shown(range.Last)}"),
            .. yearly.Select(day => FormattableString.Invariant($"{day / 32:00}-{day % 32:00}"))];
    }

    /// <summary>The name, or null for days written in a trigger itself.</summary>
    public string? Name { get; }

    /// <summary>The days in order, with adjoining days as a range, followed by the days of each year.</summary>
    public IReadOnlyList<string> Days { get; }

    /// <summary>Makes a set of days.</summary>
    public static NamedDates Of(string? name, IEnumerable<DateOnly> days) =>
        new(name, ([.. days.Select(day => (Number(day), Number(day)))], []));

    /// <summary>Returns all days of several sets, without a name.</summary>
    internal static NamedDates Union(IReadOnlyList<NamedDates> sets) =>
        new(null, ([.. sets.SelectMany(set => set.ranges)], [.. sets.SelectMany(set => set.yearly)]));

    internal bool IsEmpty => ranges.Length == 0 && yearly.Length == 0;

    /// <summary>The last day excluded in a single year, or null if there is none.</summary>
    internal int? Last => ranges is [.., var range] ? range.Last : null;

    /// <summary>The first day excluded in a single year, or null if there is none.</summary>
    internal int? First => ranges is [var range, ..] ? range.First : null;

    internal bool Contains(int day) => NextFrom(day) == day;

    /// <summary>
    /// Returns the first excluded day at or after a day, or null if there is none up to the year 9999.
    /// </summary>
    internal int? NextFrom(int day)
    {
        int? next = null;
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].Last < day) low = middle + 1;
            else high = middle;
        }

        if (low < ranges.Length) next = Math.Max(day, ranges[low].First);
        if (yearly.Length == 0 || next == day) return next;
        // A wall time may lie before the calendar's first day, by the zone's offset.
        var (year, month, ofMonth) = CivilDay.ToDate(Math.Max(day, FirstOfCalendar));
        // The next 29 February may be eight years away.
        for (var until = Math.Min(9999, year + 8); year <= until; year++, month = 0)
        {
            foreach (var each in yearly)
            {
                if (each < (month * 32) + ofMonth || each % 32 > DateTime.DaysInMonth(year, each / 32)) continue;
                var found = CivilDay.From(year, each / 32, each % 32);
                return next < found ? next : found;
            }

            ofMonth = 0;
        }

        return next;
    }

    /// <summary>Checks the name of a set.</summary>
    /// <exception cref="FormatException">The text is not a name. The message lists the allowed characters.</exception>
    public static void CheckName(string name)
    {
        var isName = name.Length is > 0 and <= 64 && char.IsAsciiLetter(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        if (!isName || TriggerWords.IsKeyword(name))
        {
            throw new FormatException(
                $"'{name}' is not a name of excluded dates: letters, digits, _, - and . are allowed, with a letter in front, 64 at most, and none of the words {string.Join(", ", TriggerWords.Keywords)}.");
        }
    }

    /// <summary>Returns true if a text is a day, a range of days, or a day of each year.</summary>
    public static bool IsDay(string text) => TryRead(text, out _, out _);

    /// <inheritdoc/>
    public override string ToString() => Name ?? string.Join(", ", Days);

    static (List<(int First, int Last)>, SortedSet<int>) Read(string? name, IEnumerable<string> days)
    {
        List<(int First, int Last)> ranges = [];
        SortedSet<int> yearly = [];
        foreach (var text in days)
        {
            if (!TryRead(text, out var range, out var ofEachYear))
            {
                throw new FormatException($"{(name is null ? "" : name + ": ")}'{Printable.Shown(text)}' is not a day: {Allowed}.");
            }

            if (range is { } found) ranges.Add(found);
            else yearly.Add(ofEachYear);
            if (ranges.Count + yearly.Count > Most)
            {
                throw new FormatException(
                    $"{name ?? "exclude"}: there are more than {Most} days and ranges of days; put days that adjoin into a range.");
            }
        }

        return (ranges, yearly);
    }

    static bool TryRead(string text, out (int First, int Last)? range, out int ofEachYear)
    {
        (range, ofEachYear) = (null, 0);
        text = text.Trim();
        if (text.Length == 5)
        {
            // The year 2000 has a 29 February.
            if (!DateOnly.TryParseExact("2000-" + text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var each))
            {
                return false;
            }

            ofEachYear = (each.Month * 32) + each.Day;
            return true;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryDay(slash < 0 ? text : text[..slash], out var first)) return false;
        var last = first;
        if (slash >= 0 && !TryDay(text[(slash + 1)..], out last)) return false;
        range = (first, last);
        return first <= last;
    }

    static bool TryDay(string text, out int day)
    {
        var isDay = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date);
        day = isDay ? Number(date) : 0;
        return isDay;
    }

    static (int First, int Last)[] Merged(List<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> merged = [];
        foreach (var range in ranges.Order())
        {
            if (merged is [.., var before] && range.First <= before.Last + 1)
            {
                merged[^1] = (before.First, Math.Max(before.Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged];
    }

    static int Number(DateOnly day) => CivilDay.From(day.Year, day.Month, day.Day);

    static string Shown(int day)
    {
        var (year, month, ofMonth) = CivilDay.ToDate(day);
        return FormattableString.Invariant($"{year:0000}-{month:00}-{ofMonth:00}");
    }
}
