namespace Escapement.Triggers;

/// <summary>One of the eight fields of a cron trigger, with its name, the noun for its values, and its range.</summary>
public sealed class CronField
{
    static readonly string[] MonthNames = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
    static readonly string[] DaysFromMonday = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    static readonly string[] DaysFromSunday = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

    readonly string[] names;

    // The letters of each name packed into one number, so that a lookup compares no texts.
    readonly ulong[] keys;

    /// <summary>The year, 1970 to 9999.</summary>
    public static readonly CronField Year = new("year", "a year", 1970, 9999);

    /// <summary>The month, 1 to 12 or <c>jan</c> to <c>dec</c>.</summary>
    public static readonly CronField Month = new("month", "a month", 1, 12, MonthNames, 1);

    /// <summary>The day of the month, 1 to 31.</summary>
    public static readonly CronField Day = new("day", "a day of the month", 1, 31);

    /// <summary>The ISO 8601 week, 1 to 53.</summary>
    public static readonly CronField Week = new("week", "a week", 1, 53);

    /// <summary>The day of the week as a field: 0 is Monday.</summary>
    public static readonly CronField DayOfWeek = new("day_of_week", "a day of the week", 0, 6, DaysFromMonday, 0);

    /// <summary>The day of the week in an expression: 0 and 7 are Sunday.</summary>
    public static readonly CronField DayOfWeekInExpression = new("day_of_week", "a day of the week", 0, 7, DaysFromSunday, 0);

    /// <summary>The hour, 0 to 23.</summary>
    public static readonly CronField Hour = new("hour", "an hour", 0, 23);

    /// <summary>The minute, 0 to 59.</summary>
    public static readonly CronField Minute = new("minute", "a minute", 0, 59);

    /// <summary>The second, 0 to 59.</summary>
    public static readonly CronField Second = new("second", "a second", 0, 59);

    /// <summary>All fields, the most significant first. The order decides the value of an omitted field.</summary>
    public static readonly IReadOnlyList<CronField> All = new[] { Year, Month, Day, Week, DayOfWeek, Hour, Minute, Second };

    CronField(string name, string noun, int first, int last, string[]? names = null, int firstName = 0)
    {
        Name = name;
        Noun = noun;
        First = first;
        Last = last;
        LastOfStar = name == "day_of_week" ? 6 : last;
        Size = LastOfStar - first + 1;
        Every = Size < 64 ? ((1UL << Size) - 1) << first : 0;
        this.names = names ?? [];
        keys = Array.ConvertAll(this.names, Key);
        FirstName = firstName;
        IsTimeOfDay = name is "hour" or "minute" or "second";
    }

    /// <summary>The name in the JSON form, for example <c>day_of_week</c>.</summary>
    public string Name { get; }

    /// <summary>A value of the field with its article, for messages.</summary>
    public string Noun { get; }

    /// <summary>The smallest number.</summary>
    public int First { get; }

    /// <summary>The largest number.</summary>
    public int Last { get; }

    /// <summary>Names that may stand for numbers, in the order of the numbers.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The number of the first name in <see cref="Names"/>.</summary>
    public int FirstName { get; }

    /// <summary>
    /// Whether the field is part of the time of day. Such fields decide whether a trigger fires in both passes of an
    /// overlap.
    /// </summary>
    public bool IsTimeOfDay { get; }

    /// <summary>The largest number except 7, because 7 is the same day as 0.</summary>
    internal int LastOfStar { get; }

    /// <summary>The number of different values. A range that wraps repeats after this many values.</summary>
    public int Size { get; }

    /// <summary>Bit n for each value n, or 0 for the year, because a year has too many values.</summary>
    internal ulong Every { get; }

    /// <summary>The allowed values as a sentence, for messages.</summary>
    public string Allowed
    {
        get
        {
            var plural = Name == "day" ? "days of the month" : Name == "day_of_week" ? "days of the week" : Name + "s";
            var text = $"{plural} go from {First} to {Last}";
            if (this == DayOfWeek) text += ", 0 is Monday";
            if (this == DayOfWeekInExpression) text += ", 0 and 7 are Sunday";
            return Names.Count == 0 ? text : text + $", or by name: {string.Join(", ", Names)}";
        }
    }

    /// <summary>Returns the number of a name in any case, or null if the text is not a name.</summary>
    public int? Named(ReadOnlySpan<char> text)
    {
        var place = text.Length == 3 ? Array.IndexOf(keys, Key(text)) : -1;
        return place < 0 ? null : FirstName + place;
    }

    static ulong Key(string name) => Key(name.AsSpan());

    // Sets the bit that distinguishes small letters from capitals. No other character becomes a letter by this bit.
    static ulong Key(ReadOnlySpan<char> name) => (ulong)name[0] << 32 | (ulong)name[1] << 16 | name[2] | 0x20_0020_0020;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
