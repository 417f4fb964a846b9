using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>Reads the text of fields into bit sets, field by field. Part of <see cref="CronParser"/>.</summary>
/// <param name="jobId">The text from which <c>H</c> takes its value, or null.</param>
/// <param name="isExpression">
/// Whether the text is an expression. Otherwise the text is the value of a single field.
/// </param>
ref struct CronFieldReader(string? jobId, bool isExpression)
{
    // A hashed day exists in every month.
    const int LastHashedDay = 28;

    static readonly string[] Positions = { "1st", "2nd", "3rd", "4th", "5th", "last" };

    // The multiples of each step, as bits.
    static readonly ulong[] EveryNth = [.. Enumerable.Range(0, 64).Select(step =>
        Enumerable.Range(0, 64).Where(value => step > 0 && value % step == 0).Aggregate(0UL, (bits, value) => bits | 1UL << value))];

    // The field being read, the text that contains the field, and the values found so far.
    CronField cronField = null!;
    string text = null!;
    List<(int First, int Last, int Step)>? years;
    ulong bits;
    bool everyYear;

    /// <summary>The values outside the bit sets, as far as the fields have such values: years and special days.</summary>
    public CronSpecial? SpecialOrNull;

    /// <summary>Whether a field of the time of day is a star, a range or a step.</summary>
    public bool FiresInBothPasses;

    /// <summary>Reads the list between two places of a text.</summary>
    /// <returns>Bit n for the value n, or 0 for the year.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(CronField field, string text, (int Start, int End) place)
    {
        // Most fields are a star or a number of one or two digits.
        var length = place.End - place.Start;
        if (length is 1 or 2)
        {
            var value = text[place.Start] - '0';
            if (value == '*' - '0' && length == 1)
            {
                // Faster than |=, which would wait for the last field's store.
                if (field.IsTimeOfDay) FiresInBothPasses = true;
                return field.Every;
            }

            var isNumber = (uint)value <= 9;
            if (length == 2)
            {
                var digit = text[place.Start + 1] - '0';
                (value, isNumber) = ((value * 10) + digit, isNumber && (uint)digit <= 9);
            }

            if (isNumber && value >= field.First && value <= field.Last) return BitsFrom(field, value, 1);
        }

        return ReadList(field, text, place);
    }

    // Not inlined, so that the caller stays small: most expressions have few lists.
    [MethodImpl(MethodImplOptions.NoInlining)]
    ulong ReadList(CronField field, string text, (int Start, int End) place)
    {
        (cronField, this.text, bits) = (field, text, 0);
        var list = text.AsSpan(0, place.End);
        for (var at = place.Start; at <= list.Length; at++)
        {
            if (ReadNumbers(field, list, ref at)) continue;
            var from = at;
            while (at < list.Length && list[at] != ',') at++;
            var to = at;
            while (from < to && text[from] == ' ') from++;
            while (to > from && text[to - 1] == ' ') to--;
            ReadPart(from, to);
        }

        if (years is not null && !everyYear) Special.Years = years;
        return bits;
    }

    // Reads *, a, a-b and a step behind each, up to the end of the part, if all numbers are in their ranges and in
    // order. Any other part is left to be read with its words, special days and errors.
    bool ReadNumbers(CronField field, ReadOnlySpan<char> list, ref int place)
    {
        var (at, first, last, step, isSingle) = (place, field.First, field.LastOfStar, 1, false);
        if (field == CronField.Year) return false;
        if (At(list, at) == '*')
        {
            at++;
        }
        else
        {
            if (!IsDigit(At(list, at)) || !Number(list, ref at, out first)) return false;
            (last, isSingle) = At(list, at) == ',' ? (first, true) : (field.Last, false);
            if (At(list, at) == '-' && !Number(list, ref at, out last)) return false;
        }

        if (At(list, at) == '/' && (!Number(list, ref at, out step) || step == 0 || step > last - first)) return false;
        if (At(list, at) != ',' || first < field.First || last > field.Last || first > last) return false;
        FiresInBothPasses |= !isSingle && field.IsTimeOfDay;
        bits |= BitsFrom(field, first, ((2UL << (last - first)) - 1) & EveryNth[step]);
        place = at;
        return true;
    }

    // A comma ends each part.
    static char At(ReadOnlySpan<char> list, int at) => (uint)at < (uint)list.Length ? list[at] : ',';

    // Reads a number, also behind a dash or a slash.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool Number(ReadOnlySpan<char> list, ref int at, out int number)
    {
        number = 0;
        if (At(list, at) is '-' or '/') at++;
        var start = at;
        for (; (uint)(At(list, at) - '0') is var digit and <= 9 && number < 1_000; at++) number = (number * 10) + (int)digit;
        return at > start;
    }

    CronSpecial Special => SpecialOrNull ??= new();

    readonly CronFieldFault Fault => new(text, cronField, isExpression);

    [MethodImpl(MethodImplOptions.NoInlining)]
    void ReadPart(int start, int end)
    {
        if (start == end) throw Fault.Wrong(start, end, "is empty", "give " + cronField.Noun + "; " + cronField.Allowed);
        var first = text[start];
        if (first == '*' || (isExpression && first == '?' && MayBeAnyDay(start, end))) ReadStar(start, end);
        else if (!ReadSpecial(start, end)) ReadRange(start, end);
    }

    readonly bool MayBeAnyDay(int start, int end) => cronField == CronField.Day || cronField == CronField.DayOfWeekInExpression
        ? true
        : throw Fault.Wrong(start, end, "is known only for the day of the month and the day of the week", $"write * for every {cronField.Name}");

    // Everything except a star and a range of values.
    bool ReadSpecial(int start, int end)
    {
        if (IsHash(start, end))
        {
            ReadHash(start, end);
            return true;
        }

        if (cronField == CronField.Day) return ReadNamedDay(start, end) || (isExpression && ReadSpecialDay(start, end));
        return cronField == CronField.DayOfWeekInExpression && ReadSpecialWeekday(start, end);
    }

    void ReadStar(int start, int end)
    {
        var (first, last) = (cronField.First, cronField.LastOfStar);
        if (end - start == 1)
        {
            everyYear = true;
            bits = cronField.Every;
            FiresInBothPasses |= cronField.IsTimeOfDay;
            return;
        }

        if (text[start + 1] != '/') throw Fault.Unknown(start, end);
        AddRange(first, last, ReadStep(start, start + 2, end, last - first));
    }

    readonly bool IsHash(int start, int end) =>
        isExpression && (text[start] is 'H' or 'h') && (end - start == 1 || text[start + 1] is '/' or '(');

    // H, H/15, H(0-29), H(9-17)/2
    void ReadHash(int start, int end)
    {
        if (jobId is null) throw Fault.Wrong(start, end, "takes its value from the id of a job", "give the job's id, or a number instead of H");
        var lastInRange = cronField.LastOfStar;
        var (first, last) = (cronField.First, cronField == CronField.Day ? LastHashedDay : lastInRange);
        var at = start + 1;
        if (at < end && text[at] == '(')
        {
            var close = text.IndexOf(')', at, end - at);
            var dash = text.IndexOf('-', at, end - at);
            if (close < 0 || dash < 0 || dash > close)
            {
                throw Fault.Wrong(start, end, "is not a form of H", "the forms are H, H/n, H(a-b) and H(a-b)/n");
            }

            (first, last) = (ReadValue(at + 1, dash), ReadValue(dash + 1, close));
            if (first > last) throw Fault.Wrong(start, end, "ends before it begins", "the first value in the parentheses is the smaller one");
            if (last > lastInRange) (first, last) = first > lastInRange ? (0, 0) : (first, lastInRange);
            (at, lastInRange) = (close + 1, last);
        }

        if (at == end)
        {
            // H(0-29) is a single value, even with a range in its parentheses.
            Add(first + (int)(CronHash.Of(jobId, cronField) % (ulong)(last - first + 1)));
            return;
        }

        if (text[at] != '/') throw Fault.Wrong(start, end, "is not a form of H", "the forms are H, H/n, H(a-b) and H(a-b)/n");
        var step = ReadStep(start, at + 1, end, lastInRange - first);
        AddRange(first + (int)(CronHash.Of(jobId, cronField) % (ulong)step), lastInRange, step);
    }

    // 'last', '2nd fri', 'last fri'
    bool ReadNamedDay(int start, int end)
    {
        var position = PositionAt(start, end, out var next);
        if (position < 0) return false;
        if (next == end)
        {
            if (position != 5)
            {
                throw Fault.Wrong(start, end, "says which, but not of what", "write the day of the week after it, for example 2nd fri");
            }

            Special.DaysBeforeLast |= 1;
            return true;
        }

        var word = text.AsSpan(next, end - next);
        if (word.Contains(' ')) throw Fault.Unknown(start, end);
        var weekday = CronField.DayOfWeekInExpression.Named(word);
        if (weekday is null) throw Fault.NotAName(next, end, CronField.DayOfWeek);
        Special.WeekdaysOfMonth |= 1UL << CronSpecial.BitOfWeekday(position + 1, weekday.Value);
        return true;
    }

    // Returns the index of the first word among the positions, or -1 if the word is not a position, and the start of
    // the next word.
    readonly int PositionAt(int start, int end, out int next)
    {
        next = start;
        while (next < end && text[next] != ' ') next++;
        var word = text.AsSpan(start, next - start);
        while (next < end && text[next] == ' ') next++;
        // At least as long as the shortest position. Most days are numbers of two digits.
        for (var i = 0; i < Positions.Length && word.Length >= 3; i++)
        {
            if (word.Equals(Positions[i], StringComparison.OrdinalIgnoreCase)) return i;
        }

        return -1;
    }

    // L, L-3, LW, L-3W, 15W
    bool ReadSpecialDay(int start, int end)
    {
        var at = start;
        var isLast = text[at] is 'L' or 'l';
        if (isLast) at++;
        var dash = isLast && at < end && text[at] == '-';
        if (dash) at++;
        var digits = at;
        while (at < end && IsDigit(text[at])) at++;
        var hasNumber = at > digits;
        var isNearest = at < end && text[at] is 'W' or 'w';
        if (at + (isNearest ? 1 : 0) != end || (!isLast && !isNearest) || dash != (isLast && hasNumber) || (!isLast && !hasNumber))
        {
            return false;
        }

        var number = hasNumber ? Number(digits, at) : 0;
        if (isLast && number > 30) throw Fault.Wrong(digits, at, "is too many days before the last of the month", "from 0 to 30");
        if (!isLast && number is < 1 or > 31) throw Fault.Wrong(digits, at, "is not a day of the month", cronField.Allowed);
        if (!isLast) Special.NearestWeekdays |= 1u << number;
        else if (isNearest) Special.NearestWeekdaysBeforeLast |= 1u << number;
        else Special.DaysBeforeLast |= 1u << number;
        return true;
    }

    // friL, 5L, fri#2, 5#2
    bool ReadSpecialWeekday(int start, int end)
    {
        // A loop, because a search call is slower for the three characters of most fields.
        var hash = start;
        while (hash < end && text[hash] != '#')
        {
            hash++;
        }

        if (hash == end)
        {
            hash = -1;
        }

        if (hash < 0 && (end - start < 2 || text[end - 1] is not ('L' or 'l'))) return false;
        var weekday = ReadValue(start, hash < 0 ? end - 1 : hash) % 7;
        var nth = 6;
        if (hash >= 0)
        {
            nth = Number(hash + 1, end);
            if (nth is < 1 or > 5) throw Fault.Wrong(hash + 1, end, "is not a week of a month", "from 1 to 5, and L for the last: friL");
        }

        Special.WeekdaysOfMonthInWeek |= 1UL << CronSpecial.BitOfWeekday(nth, weekday);
        return true;
    }

    // a, a-b, a/n, a-b/n
    void ReadRange(int start, int end)
    {
        // No day has a name, but 'last-2' begins with a known word.
        if (!IsDigit(text[start]) && (cronField == CronField.Day || text[start] is '-' or '/')) throw Fault.Unknown(start, end);
        var slash = text.IndexOf('/', start, end - start);
        var rangeEnd = slash < 0 ? end : slash;
        var dash = text.IndexOf('-', start, rangeEnd - start);
        var first = ReadValue(start, dash < 0 ? rangeEnd : dash);
        if (dash < 0 && slash < 0)
        {
            Add(first);
            return;
        }

        var last = dash < 0 ? cronField.Last : ReadValue(dash + 1, rangeEnd);
        // Checked before the order of the range: 'nov-2' cannot be split into two sensible parts.
        if (!isExpression) Fault.RefuseMixedNames(start, dash, slash, end);
        if (first > last && !isExpression)
        {
            throw Fault.Wrong(start, rangeEnd, "ends before it begins", $"write it as two parts instead, {Fault.AsTwoParts(start, dash, rangeEnd)}");
        }

        var span = last - first + (first > last ? cronField.Size : 0);
        AddRange(first, first + span, slash < 0 ? 1 : ReadStep(start, slash + 1, end, span));
    }

    readonly int ReadStep(int partStart, int start, int end, int span)
    {
        var step = Number(start, end);
        if (step == 0 || step > span) throw Fault.NotAStep(step, partStart, start, end, span);
        return step;
    }

    readonly int ReadValue(int start, int end)
    {
        if (start < end && IsDigit(text[start]))
        {
            var value = Number(start, end);
            return value >= cronField.First && value <= cronField.Last
                ? value
                : throw Fault.Wrong(start, end, "is not " + cronField.Noun, cronField.Allowed);
        }

        return cronField.Named(text.AsSpan(start, end - start)) ?? throw Fault.NotAName(start, end, cronField);
    }

    readonly int Number(int start, int end)
    {
        if (start >= end) throw Fault.Wrong(start, end, "ends where a number is expected", cronField.Allowed);
        var number = 0;
        for (var i = start; i < end; i++)
        {
            if (!IsDigit(text[i])) throw Fault.Unknown(start, end);
            // Large enough to be out of every range, small enough not to overflow.
            if (number < 100_000) number = (number * 10) + text[i] - '0';
        }

        return number;
    }

    void Add(int value)
    {
        if (cronField == CronField.Year) (years ??= []).Add((value, value, 1));
        else bits |= BitsFrom(cronField, value, 1);
    }

    // In a field of the time of day, everything except a single value makes the trigger fire in both passes of an
    // overlap. The last value may be beyond the last value of the field: such a range wraps.
    void AddRange(int first, int last, int step)
    {
        if (cronField == CronField.Year)
        {
            (years ??= []).Add((first, last, step));
            return;
        }

        FiresInBothPasses |= cronField.IsTimeOfDay;
        bits |= BitsFrom(cronField, first, ((2UL << (last - first)) - 1) & EveryNth[step]);
    }

    // Bit n of the pattern is the value n after the first. Values beyond the last value of the field start again at
    // the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong BitsFrom(CronField field, int first, ulong pattern)
    {
        // In the bits a week begins with Sunday, in the field with Monday.
        var place = first - field.First + (field == CronField.DayOfWeek ? 1 : 0);
        var turned = (pattern << place) | (pattern >> (field.Size - place));
        return (turned << field.First) & field.Every;
    }

    static bool IsDigit(char c) => c is >= '0' and <= '9';
}
