namespace Escapement.Triggers.PropertyTests;

/// <summary>Generates random expressions of the grammar shared with Cronos.</summary>
sealed class RandomExpression(Random random)
{
    static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public string Next()
    {
        var fields = $"{Field(0, 59)} {Field(0, 23, 1)} {DayOfMonth()} {Field(1, 12, 3, Months)} {DayOfWeek()}";
        return random.Next(3) == 0 ? $"{Field(0, 59)} {fields}" : fields;
    }

    string DayOfMonth() => random.Next(12) switch
    {
        0 => "L",
        1 => "LW",
        2 => $"L-{random.Next(1, 31)}",
        3 => $"{random.Next(1, 32)}W",
        4 => "?",
        _ => Field(1, 31, 5),
    };

    string DayOfWeek() => random.Next(12) switch
    {
        0 => $"{Day()}#{random.Next(1, 6)}",
        1 => $"{Day()}L",
        2 => "?",
        _ => Field(0, 6, 5, Days),
    };

    string Day() => random.Next(2) == 0 ? Days[random.Next(7)] : random.Next(8).ToString();

    // More stars bring the fire times closer together.
    // Without a star in a field of the date, the trigger is silent for years.
    string Field(int first, int last, int stars = 0, string[]? names = null) =>
        random.Next(3 + stars) >= 3 ? "*"
        : random.Next(8) == 0 ? $"*/{random.Next(1, last - first + 1)}"
        : random.Next(4) == 0 ? $"{Part(first, last, names)},{Part(first, last, names)}"
        : Part(first, last, names);

    // No star appears here, because Cronos supports a star only alone and not in a list.
    string Part(int first, int last, string[]? names)
    {
        var low = random.Next(first, last + 1);
        var high = random.Next(first, last + 1);
        var span = high - low + (high < low ? last - first + 1 : 0);
        return random.Next(5) switch
        {
            0 when span > 0 => $"{Name(low)}-{Name(high)}",
            1 when span > 0 => $"{low}-{high}/{random.Next(1, span + 1)}",
            2 when low < last => $"{low}/{random.Next(1, last - low + 1)}",
            _ => Name(low),
        };

        string Name(int value) => names is not null && random.Next(2) == 0 ? names[value - first] : value.ToString();
    }
}
